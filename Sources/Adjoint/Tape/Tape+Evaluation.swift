extension Tape {
  /// The elements of a tensor on this tape, computed now unless they are known.
  func storage(of tensor: Tensor) -> Storage {
    let (tape, known) = withRecord { record, tape in
      (tape, record.known[tensor.number(on: tape)!])
    }
    tape.activity.requireNone(on: tape)
    if case .elements(let storage) = known { return storage }
    return storages(of: [tensor])[0]
  }

  /// The elements of tensors on this tape; what they need and is not known is computed.
  ///
  /// The tape is not kept from others meanwhile: kernels run on what it holds now.
  ///
  /// - Parameter limit: values from this number on are forgotten as soon as no entry that runs here
  ///   still reads them. Nothing is lost: they are computed again when asked for.
  /// - Returns: the elements, which the tape knows from now on, as all that was computed below the
  ///   limit.
  func storages(of tensors: [Tensor], forgettingFrom limit: Int = .max) -> [Storage] {
    let evaluated = evaluated(tensors, forgettingFrom: limit)
    evaluated.tape.keep(evaluated.computed, below: limit)
    evaluated.tape.withRecord { record, tape in
      for (tensor, storage) in zip(tensors, evaluated.storages) {
        record.known[tensor.number(on: tape)!] = .elements(storage)
      }
    }
    return evaluated.storages
  }

  /// The same, and all that was computed for it and is not forgotten, by numbers of the tape that they
  /// were on.
  func evaluated(
    _ tensors: [Tensor], forgettingFrom limit: Int
  ) -> (storages: [Storage], computed: ComputedValues, tape: Tape) {
    let (tape, graph, known) = withRecord { record, tape in (tape, record.graph, record.known) }
    let numbers = tensors.map { $0.number(on: tape)! }
    var evaluation = Evaluation(of: numbers, in: graph, known: known, forgettingFrom: limit)
    let computed = tape.activity.run(asWalk: false) { evaluation.run(on: tape) }
    let storages = numbers.map { number in
      computed[number] ?? known[number].storage(graph.types[number])
    }
    return (storages, computed, tape)
  }

  /// Keeps what was computed of the values below a number, unless they have moved meanwhile.
  func keep(_ computed: ComputedValues, below limit: Int) {
    withRecord { record, tape in
      guard tape === self else { return }
      for number in computed.numbers.clamped(to: 0..<Swift.min(limit, record.known.count)) {
        if let storage = computed[number] { record.known[number] = .elements(storage) }
      }
    }
  }
}

extension Tape.Known {
  /// The elements of a value of this type.
  func storage(_ type: TensorType) -> Storage {
    switch self {
    case .elements(let storage): storage
    case .number(let value): .filled(type, with: value)
    case .nothing: stop("tape: a value that is needed was not computed")
    }
  }

  fileprivate var isNothing: Bool {
    if case .nothing = self { return true }
    return false
  }
}

/// Values that an evaluation has computed, by their numbers.
struct ComputedValues {
  /// The numbers that they are among.
  let numbers: Range<Int>
  private var storages: [Storage?]

  init(_ numbers: Range<Int>) {
    self.numbers = numbers
    storages = Array(repeating: nil, count: numbers.count)
  }

  subscript(number: Int) -> Storage? {
    get { numbers.contains(number) ? storages[number - numbers.lowerBound] : nil }
    set { storages[number - numbers.lowerBound] = newValue }
  }
}

/// A run over the entries that some values need and whose results are not known.
private struct Evaluation {
  private let graph: Graph
  private let known: [Tape.Known]
  private let limit: Int
  /// The entries to run, the last one first.
  private var pending: [Int] = []
  private var computed: ComputedValues
  /// How many entries that are to run still have to read a value, by its number, and who asked for it.
  private var reads: [Int32]
  /// The operands and the results of the entry that runs: one entry after another has its arrays.
  private var call: KernelCall

  /// Finds out what is needed: backwards from the last of the values, until nothing is missing.
  init(of numbers: [Int], in graph: Graph, known: [Tape.Known], forgettingFrom limit: Int) {
    self.graph = graph
    self.known = known
    self.limit = limit
    call = KernelCall(types: graph.types)
    let valueCount = (numbers.max() ?? -1) + 1
    var index = graph.entryCount(before: valueCount) - 1
    let end = Swift.max(valueCount, index < 0 ? 0 : graph.entries[index].outputs.upperBound)
    var reads = [Int32](repeating: 0, count: end)
    var missing = 0
    func need(_ number: Int) {
      if reads[number] == 0, known[number].isNothing { missing += 1 }
      reads[number] += 1
    }
    for number in numbers { need(number) }
    while missing > 0, index >= 0 {
      let outputs = graph.entries[index].outputs
      let needed = outputs.count { reads[$0] > 0 && known[$0].isNothing }
      if needed > 0 {
        missing -= needed
        pending.append(index)
        for input in graph.entries[index].inputs { need(input) }
      }
      index -= 1
    }
    self.reads = reads
    guard let first = pending.last, let last = pending.first else {
      computed = ComputedValues(0..<0)
      return
    }
    computed = ComputedValues(
      graph.entries[first].outputs.lowerBound..<graph.entries[last].outputs.upperBound)
  }

  /// Runs the entries, and returns what they have computed.
  mutating func run(on tape: Tape) -> ComputedValues {
    while let index = pending.popLast() {
      (call.inputNumbers, call.outputNumbers) =
        (graph.entries[index].inputs, graph.entries[index].outputs)
      tape.activity.begin(call.outputNumbers)
      compute(index, on: tape)
      if call.outputNumbers.upperBound > limit { finish() }
    }
    return computed
  }

  /// Runs an entry whose inputs are known.
  private mutating func compute(_ index: Int, on tape: Tape) {
    for number in call.inputNumbers {
      call.inputs.append(computed[number] ?? known[number].storage(graph.types[number]))
    }
    graph.entries[index].operation.run(&call)
    if let altering = tape.ownership.altering,
      !(graph.entries[index].operation is any UnroundedOperation)
    {
      alterResults(altering)
    }
    if Tape.looksAtResults { tape.requireFinite(index, of: graph, call.inputs, call.outputs) }
    for number in call.outputNumbers.reversed() { computed[number] = call.outputs.popLast() }
    call.inputs.empty()
  }

  private mutating func alterResults(_ altering: (Tensor) -> Tensor) {
    for (place, number) in call.outputNumbers.enumerated() {
      let result = Tensor(graph.types[number], call.outputs[place])
      call.outputs[place] = altering(result).storage
    }
  }

  /// Counts off what an entry has read: forgets what it was the last to read, and what it made that
  /// no one reads.
  private mutating func finish() {
    for number in call.inputNumbers where number >= limit {
      reads[number] -= 1
      if reads[number] == 0, computed.numbers.contains(number) { computed[number] = nil }
    }
    for number in call.outputNumbers where number >= limit {
      if reads[number] == 0 { computed[number] = nil }
    }
  }
}

extension Array {
  /// Removes all elements and keeps the room for them; for few elements faster than `removeAll`.
  fileprivate mutating func empty() {
    while !isEmpty { removeLast() }
  }
}
