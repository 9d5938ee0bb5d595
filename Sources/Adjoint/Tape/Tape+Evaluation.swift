extension Tape {
  /// A value that is known.
  struct Known {
    let type: TensorType
    let storage: Storage
  }

  /// The elements of the value with a number, computed now unless they are known.
  func storage(of number: Int) -> Storage {
    if number >= base, let known = withRecord({ $0.values[number - base].storage }) { return known }
    return storages(of: [number], releasing: false)[0]
  }

  /// The elements of the values with the given numbers; what they need and is not known is
  /// computed.
  ///
  /// - Parameter releasing: whether to forget intermediate values as soon as no entry that runs
  ///   here still reads them. Nothing is lost: forgotten values are computed again when asked for.
  func storages(of numbers: [Int], releasing: Bool) -> [Storage] {
    withRecord { record in
      var evaluation = Evaluation(of: numbers, on: self, in: &record, releasing: releasing)
      return evaluation.run(in: &record).map(\.storage)
    }
  }

  /// The values with the given numbers, computed where they are not known.
  fileprivate func values(of numbers: [Int]) -> [Known] {
    withRecord { record in
      var evaluation = Evaluation(of: numbers, on: self, in: &record, releasing: false)
      return evaluation.run(in: &record)
    }
  }
}

/// A run over the entries that some values need and that have not been run.
private struct Evaluation {
  private let numbers: [Int]
  private let base: Int
  private let releasing: Bool
  /// Needed entries lie in this range, and carry the number of the evaluation.
  private var entries = 0..<0
  /// What is read of the continued tape, from the number `earliest` on.
  private var earlier: [Tape.Known?] = []
  private var earliest = 0
  // The operands and the results of the entry that runs: arrays that serve one after another.
  private var inputs: [Storage] = []
  private var inputTypes: [TensorType] = []
  private var outputs: [Storage] = []
  private var outputTypes: [TensorType] = []

  /// Marks what is needed, by a list of what is left to look at: tapes are too long for recursion.
  init(of numbers: [Int], on tape: Tape, in record: inout Tape.Record, releasing: Bool) {
    self.numbers = numbers
    self.releasing = releasing
    base = tape.base
    record.evaluations += 1
    var pending = numbers
    var below: [Int] = []
    var (lowest, highest) = (Int.max, -1)
    // Who asks for a value reads it too, after all entries.
    if releasing {
      for number in numbers where number >= base { record.values[number - base].pendingReads += 1 }
    }
    while let number = pending.popLast() {
      guard number >= base else {
        below.append(number)
        continue
      }
      guard record.values[number - base].storage == nil,
        let producer = record.values[number - base].producer,
        record.entries[producer].evaluation != record.evaluations
      else { continue }
      record.entries[producer].evaluation = record.evaluations
      (lowest, highest) = (min(lowest, producer), max(highest, producer))
      for input in record.entries[producer].inputs {
        if releasing, input >= base { record.values[input - base].pendingReads += 1 }
        pending.append(input)
      }
    }
    if highest >= 0 {
      entries = lowest..<highest + 1
      inputs.reserveCapacity(8)
      inputTypes.reserveCapacity(8)
      outputs.reserveCapacity(8)
      outputTypes.reserveCapacity(8)
    }
    if let continued = tape.continued { read(below, from: continued) }
  }

  /// Fetches values of the continued tape.
  private mutating func read(_ numbers: [Int], from continued: Tape) {
    guard let first = numbers.min(), let last = numbers.max() else { return }
    earliest = first
    earlier = Array(repeating: nil, count: last - first + 1)
    for (number, value) in zip(numbers, continued.values(of: numbers)) {
      earlier[number - first] = value
    }
  }

  /// Runs the entries, and returns the values that were asked for.
  mutating func run(in record: inout Tape.Record) -> [Tape.Known] {
    for index in entries where record.entries[index].evaluation == record.evaluations {
      compute(index, in: &record)
      if releasing { finish(index, in: &record) }
    }
    return numbers.map { number in
      guard
        let known = number < base ? earlier[number - earliest] : record.values[number - base].known
      else { stop("tape: the value \(number) was not computed") }
      if releasing, number >= base { record.values[number - base].pendingReads -= 1 }
      return known
    }
  }

  /// Runs an entry whose inputs are known.
  private mutating func compute(_ index: Int, in record: inout Tape.Record) {
    for number in record.entries[index].inputs {
      let known = number < base ? earlier[number - earliest] : record.values[number - base].known
      guard let known else { stop("tape: the value \(number) was not computed") }
      inputs.append(known.storage)
      inputTypes.append(known.type)
    }
    for number in record.entries[index].outputs {
      outputTypes.append(record.values[number - base].type)
    }
    record.entries[index].operation.run(inputs, inputTypes, into: &outputs, outputTypes)
    for number in record.entries[index].outputs.reversed() {
      record.values[number - base].storage = outputs.popLast()
    }
    inputs.empty()
    inputTypes.empty()
    outputTypes.empty()
  }

  /// Counts off what an entry has read: forgets what it was the last to read, and what it made that
  /// no one reads.
  private func finish(_ index: Int, in record: inout Tape.Record) {
    for number in record.entries[index].inputs where number >= base {
      record.values[number - base].pendingReads -= 1
      record.values[number - base].forgetUnlessRead()
    }
    for number in record.entries[index].outputs {
      record.values[number - base].forgetUnlessRead()
    }
  }
}

extension Tape.Value {
  /// The value, if it is known.
  fileprivate var known: Tape.Known? { storage.map { Tape.Known(type: type, storage: $0) } }

  /// Forgets a result that no one still has to read.
  fileprivate mutating func forgetUnlessRead() {
    if pendingReads == 0, producer != nil { storage = nil }
  }
}

extension Array {
  /// Removes all elements and keeps the room for them; for few elements faster than `removeAll`.
  fileprivate mutating func empty() {
    while !isEmpty { removeLast() }
  }
}
