extension Tape {
  /// The elements of the value with a number, computed now unless they are known.
  func storage(of number: Int) -> Storage { storages(of: [number], releasing: false)[0] }

  /// The elements of the values with the given numbers; what they need and is not known is
  /// computed.
  ///
  /// - Parameter releasing: whether to forget intermediate values as soon as no entry that runs
  ///   here still reads them. Nothing is lost: forgotten values are computed again when asked for.
  func storages(of numbers: [Int], releasing: Bool) -> [Storage] {
    withRecord { record in
      let plan = Plan(of: numbers, record: &record, base: base)
      let below = Array(plan.below)
      var known: [Int: Storage] = [:]
      if let continued, !below.isEmpty {
        let storages = continued.storages(of: below, releasing: false)
        known = Dictionary(uniqueKeysWithValues: zip(below, storages))
      }
      let wanted: Set<Int>? = releasing ? Set(numbers) : nil
      for index in plan.entries where record.entries[index].evaluation == record.evaluations {
        compute(index, in: &record, known)
        finish(record.entries[index], in: &record, keeping: wanted)
      }
      return numbers.map { $0 < base ? known[$0]! : record.values[$0 - base].storage! }
    }
  }

  /// Runs an entry whose inputs are known.
  private func compute(_ index: Int, in record: inout Record, _ known: [Int: Storage]) {
    let (operation, inputs, outputs) = (
      record.entries[index].operation, record.entries[index].inputs, record.entries[index].outputs
    )
    let storages = inputs.map { number in
      number < base ? known[number]! : record.values[number - base].storage!
    }
    let inputTypes = inputs.map { number in
      number < base ? type(of: number) : record.values[number - base].type
    }
    let types = outputs.map { record.values[$0 - base].type }
    let results = operation.run(storages, inputTypes, outputTypes: types)
    for number in outputs {
      record.values[number - base].storage = results[number - outputs.lowerBound]
    }
  }

  /// Counts off what an entry has read. Unless all values are kept (nil), forgets those that it was
  /// the last to read, and those it made that no one reads.
  private func finish(_ entry: Entry, in record: inout Record, keeping wanted: Set<Int>?) {
    func forget(_ number: Int) {
      let value = record.values[number - base]
      if let wanted, value.pendingReads == 0, value.producer != nil, !wanted.contains(number) {
        record.values[number - base].storage = nil
      }
    }
    for number in entry.inputs where number >= base {
      record.values[number - base].pendingReads -= 1
      forget(number)
    }
    for number in entry.outputs { forget(number) }
  }
}

/// Which entries have to run to know some values, and which values of a continued tape they read.
private struct Plan {
  /// Needed entries lie in this range, and carry the number of the evaluation.
  private(set) var entries = 0..<0
  private(set) var below: Set<Int> = []

  /// Marks what is needed, by a list of what is left to look at: tapes are too long for recursion.
  init(of numbers: [Int], record: inout Tape.Record, base: Int) {
    record.evaluations += 1
    var pending = numbers
    var (lowest, highest) = (Int.max, -1)
    while let number = pending.popLast() {
      guard number >= base else {
        below.insert(number)
        continue
      }
      let value = record.values[number - base]
      guard value.storage == nil, let producer = value.producer else { continue }
      guard record.entries[producer].evaluation != record.evaluations else { continue }
      record.entries[producer].evaluation = record.evaluations
      (lowest, highest) = (min(lowest, producer), max(highest, producer))
      for input in record.entries[producer].inputs {
        if input >= base { record.values[input - base].pendingReads += 1 }
        pending.append(input)
      }
    }
    if highest >= 0 { entries = lowest..<highest + 1 }
  }
}
