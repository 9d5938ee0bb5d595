/// A run over the entries that some values need and whose results are not known.
struct Evaluation {
  let graph: Graph
  let known: [Tape.Known]
  /// Values from this number on are forgotten when no one reads them any more.
  let limit: Int
  /// The entries to run, the last one first.
  var pending: [Int] = []
  var computed: ComputedValues
  /// How many entries that are to run still have to read a value, by its number, and who asked for it.
  private(set) var reads: [Int32]
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
    let chains = Self.makesChains(on: tape)
    while let index = pending.last {
      if chains, runChain(on: tape) { continue }
      pending.removeLast()
      run(index, on: tape)
    }
    return computed
  }

  /// Runs an entry whose inputs are known, and forgets what is not needed any more.
  mutating func run(_ index: Int, on tape: Tape) {
    (call.inputNumbers, call.outputNumbers) =
      (graph.entries[index].inputs, graph.entries[index].outputs)
    tape.activity.begin(call.outputNumbers)
    compute(index, on: tape)
    finish(call.inputNumbers, call.outputNumbers)
  }

  /// Runs an entry whose inputs are known.
  private mutating func compute(_ index: Int, on tape: Tape) {
    for number in call.inputNumbers { call.inputs.append(elements(of: number)) }
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

  /// The elements of a value that is known.
  @inline(__always)
  func elements(of number: Int) -> Storage {
    computed[number] ?? known[number].storage(graph.types[number])
  }

  private mutating func alterResults(_ altering: (Tensor) -> Tensor) {
    for (place, number) in call.outputNumbers.enumerated() {
      let result = Tensor(graph.types[number], call.outputs[place])
      call.outputs[place] = altering(result).storage
    }
  }

  /// Counts off what an entry has read: forgets what it was the last to read, and what it made that
  /// no one reads.
  @inline(__always)
  mutating func finish(_ inputs: Few, _ outputs: Range<Int>) {
    guard outputs.upperBound > limit else { return }
    for number in inputs where number >= limit {
      reads[number] -= 1
      if reads[number] == 0, computed.numbers.contains(number) { computed[number] = nil }
    }
    for number in outputs where number >= limit {
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
