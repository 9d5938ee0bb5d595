// Pointwise entries that are evaluated together, as a chain.

internal import AdjointKernels

extension Evaluation {
  /// The least elements that are worth a chain: fewer stay in the cache from one entry to the next anyway.
  private static let leastCount = 1 << 14
  /// How many entries in a row are looked at in vain before a chain ends.
  private static let patience = 16
  /// The most steps of a chain.
  private static let mostSteps = 64

  /// Whether entries may run together: not where each result is looked at or altered, nor without kernels in C.
  static func makesChains(on tape: Tape) -> Bool {
    InstructionSet.current.isCompiled && !Tape.looksAtResults && tape.ownership.altering == nil
  }

  /// Runs the next entry and others after it as one chain, if there are others; returns whether it did.
  ///
  /// Pointwise entries take part on as many elements as the next one, with operands that are known or that the
  /// chain makes. What lies between them waits: the chain does not need it.
  mutating func runChain(on tape: Tape) -> Bool {
    guard pending.count > 1, let first = pending.last,
      let output = graph.entries[first].outputs.first,
      graph.types[output].count >= Self.leastCount
    else { return false }
    var members = Members(count: graph.types[output].count)
    guard join(first, &members) else { return false }
    var (waiting, missed) = ([Int](), 0)
    var rest = pending.dropLast()
    while missed < Self.patience, members.entries.count < Self.mostSteps, let index = rest.popLast()
    {
      if join(index, &members) {
        missed = 0
      } else if takesNoTime(index) {
        run(index, on: tape)
      } else {
        waiting.append(index)
        missed += 1
      }
    }
    if members.entries.count == 1 { waiting.insert(first, at: 0) }
    pending.replaceSubrange(rest.endIndex..., with: waiting.reversed())
    guard members.entries.count > 1 else { return false }
    run(&members, on: tape)
    return true
  }

  /// The entries of a chain.
  private struct Members {
    var chain: PointwiseChain
    var entries: [Int] = []
    /// The values of the chain, by their numbers on the tape, and how often the chain reads them.
    var values: [Int: Int] = [:]
    var reads: [Int: Int32] = [:]

    init(count: Int) { chain = PointwiseChain(count: count) }
  }

  /// Adds an entry to a chain, if it can take part.
  private func join(_ index: Int, _ members: inout Members) -> Bool {
    let (inputs, output) = (graph.entries[index].inputs, graph.entries[index].outputs.lowerBound)
    guard inputs.allSatisfy({ members.values[$0] != nil || isKnown($0) }),
      graph.types[output].count == members.chain.count, let instruction = instruction(index)
    else { return false }
    let operands = inputs.map { number in
      if let value = members.values[number] { return value }
      let value = members.chain.read(elements(of: number))
      members.values[number] = value
      return value
    }
    for number in inputs { members.reads[number, default: 0] += 1 }
    members.values[output] = members.chain.append(
      instruction, operands, resultType: graph.types[output].dtype)
    members.entries.append(index)
    return true
  }

  /// The instruction that an entry is; nil if it is something else.
  private func instruction(_ index: Int) -> AdjointInstruction? {
    guard graph.entries[index].outputs.count == 1, let input = graph.entries[index].inputs.first
    else { return nil }
    return (graph.entries[index].operation as? any ChainableOperation)?
      .instruction(for: graph.types[input].dtype)
  }

  /// Whether an entry only says that its operand repeats, and that is known.
  private func takesNoTime(_ index: Int) -> Bool {
    let (operation, inputs) = (graph.entries[index].operation, graph.entries[index].inputs)
    guard let input = inputs.first, inputs.allSatisfy(isKnown) else { return false }
    return operation.repetition(of: graph.types[input]) != nil
  }

  private func isKnown(_ number: Int) -> Bool {
    computed[number] != nil || !known[number].isNothing
  }

  private mutating func run(_ members: inout Members, on tape: Tape) {
    tape.activity.begin(graph.entries[members.entries[0]].outputs)
    for index in members.entries {
      let output = graph.entries[index].outputs.lowerBound
      guard output < limit || reads[output] > members.reads[output, default: 0] else { continue }
      let storage = Storage(uninitialized: graph.types[output])
      members.chain.keep(members.values[output]!, in: storage)
      computed[output] = storage
    }
    members.chain.run()
    for index in members.entries {
      finish(graph.entries[index].inputs, graph.entries[index].outputs)
    }
  }
}
