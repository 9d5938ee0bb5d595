/// An entry of a tape that has been run by itself, and what was seen of it.
package struct EntryRun: Sendable {
  /// Its place among the entries of the tape.
  package let index: Int
  /// The name of the operation.
  package let operation: String
  /// The groups that it is in, the outermost first.
  package let groups: [String]
  /// The name of a watched tensor that entries of its group read, or of the nearest group around it of which
  /// some do, or it by itself if it is in none; nil if there is none that has a name.
  package let parameter: String?
  /// How long its kernel ran.
  package let duration: Duration
  /// The bytes of its operands and results.
  package let byteCount: Int
  /// The numbers of its operands.
  package let inputs: [Int]
  /// What is not finite of its operands and results, by their numbers; nothing if all results are finite, or
  /// were not looked at.
  package let faults: [Int: Fault]

  /// An element that is not finite: the first NaN of a value, or else its first infinity.
  package struct Fault: Sendable {
    /// The place of the element, in row-major order.
    package let place: Int
    /// The type of the value that it is of.
    package let type: TensorType
    /// NaN or an infinity.
    package let value: Double
  }
}

extension Tape {
  /// Runs all entries that some tensors of this tape need, one after another in their order, and tells of
  /// each; what is computed is kept only as long as it is read.
  ///
  /// - Parameter looking: whether operands and results are to be looked at for what is not finite.
  package func runEach(
    for tensors: [Tensor], looking: Bool, _ body: (EntryRun) -> Void
  ) {
    let (tape, graph, known, notes) = withRecord { record, tape in
      (tape, record.graph, record.known, record.notes)
    }
    var (pending, lastReaders) = graph.needed(for: tensors.compactMap { $0.number(on: tape) })
    let parameters = notes.parametersOfGroups(in: graph)
    let groups = notes.groups(of: graph.entries)
    var (computed, call): ([Int: Storage], KernelCall) = ([:], KernelCall(types: graph.types))
    let clock = ContinuousClock()
    while let index = pending.popLast() {
      let entry = graph.entries[index]
      (call.inputNumbers, call.outputNumbers) = (entry.inputs, entry.outputs)
      call.inputs = entry.inputs.map { computed[$0] ?? known[$0].storage(graph.types[$0]) }
      call.outputs = []
      let duration = clock.measure { entry.operation.run(&call) }
      var faults: [Int: EntryRun.Fault] = [:]
      func look(at numbers: some Sequence<Int>, _ values: [Storage]) {
        for (number, value) in zip(numbers, values) {
          faults[number] = value.fault(graph.types[number])
        }
      }
      if looking { look(at: entry.outputs, call.outputs) }
      if !faults.isEmpty { look(at: entry.inputs, call.inputs) }
      body(
        EntryRun(
          index: index, operation: entry.operation.name, groups: notes.path(of: groups[index]),
          parameter: notes.nearest(to: groups[index]) { parameters[$0] }
            ?? entry.inputs.lazy.compactMap { notes.names[$0] }.first,
          duration: duration,
          byteCount: (call.inputs + call.outputs).reduce(0) { $0 + $1.count * $1.dtype.byteCount },
          inputs: Array(entry.inputs), faults: faults))
      for (number, output) in zip(entry.outputs, call.outputs) { computed[number] = output }
      for input in entry.inputs where lastReaders[input] == index { computed[input] = nil }
    }
  }
}

extension Graph {
  /// The entries that some values need, the last one first, and which of them is the last to read a value.
  fileprivate func needed(for numbers: [Int]) -> (entries: [Int], lastReaders: [Int: Int]) {
    var (needed, found, lastReaders) = (Set(numbers), [Int](), [Int: Int]())
    for index in entries.indices.reversed()
    where entries[index].outputs.contains(where: needed.contains) {
      found.append(index)
      for input in entries[index].inputs where needed.insert(input).inserted {
        lastReaders[input] = index
      }
    }
    return (found, lastReaders)
  }
}

extension Notes {
  /// What is known of a group, or of the nearest one around it of which something is.
  fileprivate func nearest<Fact>(to group: Int?, _ fact: (Int) -> Fact?) -> Fact? {
    var group = group
    while let number = group {
      if let fact = fact(number) { return fact }
      group = groups[number].parent
    }
    return nil
  }

  /// For each group the name of the first watched tensor that its entries read.
  func parametersOfGroups(in graph: Graph) -> [Int: String] {
    var parameters: [Int: String] = [:]
    for (group, entry) in zip(groups(of: graph.entries), graph.entries) {
      guard let group, parameters[group] == nil else { continue }
      parameters[group] = entry.inputs.lazy.compactMap { names[$0] }.first
    }
    return parameters
  }
}

extension Storage {
  /// The first element that is NaN, or else the first that is infinite.
  fileprivate func fault(_ type: TensorType) -> EntryRun.Fault? {
    guard dtype.isFloatingPoint else { return nil }
    var infinite: Int?
    for place in 0..<count where !element(place).isFinite {
      if element(place).isNaN {
        return EntryRun.Fault(place: place, type: type, value: element(place))
      }
      infinite = infinite ?? place
    }
    return infinite.map { EntryRun.Fault(place: $0, type: type, value: element($0)) }
  }
}
