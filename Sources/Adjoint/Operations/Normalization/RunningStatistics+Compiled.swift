internal import AdjointKernels

extension RunningStatistics {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? { Scratch() }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let oldCount = unsafe frame.input(4, as: Int32.self)[0]
    let weight = isCumulative ? 1 / (Double(oldCount) + 1) : frame.number(0, ofInput: 5)
    let isFinite = unsafe frame.realKernels.pointee.averageStatistics(
      frame.inputType(0).count, weight, frame.number(0, ofInput: 6), frame.rawInput(0),
      frame.rawInput(1), frame.rawInput(2), frame.rawInput(3), frame.rawOutput(0),
      frame.rawOutput(1))
    unsafe frame.output(2, as: Int32.self)[0] = oldCount < .max ? oldCount + isFinite : oldCount
  }
}
