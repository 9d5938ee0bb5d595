/// Where what is not finite in a tensor comes from.
package enum FaultOrigin: Sendable {
  /// An entry that made it of finite operands.
  case entry(EntryRun, EntryRun.Fault)
  /// A value that no entry made.
  case leaf
}

extension Tape {
  /// Where the first of some tensors of this tape that is not finite comes from; nil if all are finite.
  ///
  /// What is not finite is followed back from value to value: an infinity that reaches none of the tensors, such as
  /// that of a mask under a softmax, is not what is looked for. NaN comes from NaN where there is one among the
  /// operands. Of several origins it is the first one in the order of entries.
  package func faultOrigin(of tensors: [Tensor]) -> FaultOrigin? {
    var makers: [Int: EntryRun] = [:]
    runEach(for: tensors, looking: true) { run in
      for number in run.faults.keys where !run.inputs.contains(number) { makers[number] = run }
    }
    let numbers = tensors.compactMap { tensor in tensor.tape.flatMap { tensor.number(on: $0) } }
    guard let start = numbers.first(where: { makers[$0] != nil }) else { return nil }
    var (pending, seen, reachesLeaf) = ([start], Set([start]), false)
    var origin: (run: EntryRun, fault: EntryRun.Fault)?
    while let number = pending.popLast() {
      guard let run = makers[number], let fault = run.faults[number] else {
        reachesLeaf = true
        continue
      }
      let faulty = run.inputs.filter { run.faults[$0] != nil }
      if faulty.isEmpty, origin.map({ run.index < $0.run.index }) ?? true { origin = (run, fault) }
      let unknown = faulty.filter { fault.value.isNaN && run.faults[$0]?.value.isNaN == true }
      for source in unknown.isEmpty ? faulty : unknown where seen.insert(source).inserted {
        pending.append(source)
      }
    }
    return origin.map { .entry($0.run, $0.fault) } ?? (reachesLeaf ? .leaf : nil)
  }
}
