internal import AdjointKernels

extension Sum {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.dtype == .int32 ? nil : operands.scratchForSums(over: axes)
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    frame.writeSums(over: axes, dividedBy: 1, workspace)
  }
}

extension Mean {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.scratchForSums(over: axes)
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    frame.writeSums(
      over: axes, dividedBy: Double(frame.inputType(0).count(over: axes)), workspace)
    guard frame.dtype == .float64 else { return }
    let (x, y) = unsafe (frame.input(0, as: Double.self), frame.output(0, as: Double.self))
    let results = 0..<frame.outputType(0).count
    guard results.contains(where: { unsafe !y[$0].isFinite }) else { return }
    let means = frame.inputType(0).means(over: axes) { unsafe x[$0] }
    for i in results where unsafe !y[i].isFinite { unsafe y[i] = means[i] }
  }
}

extension CompiledFrame {
  /// The memory for sums of input 0; nil if there are no elements, or not in a layout for which there are
  /// kernels.
  func scratchForSums(over axes: [Int]) -> Scratch? {
    let type = inputType(0)
    guard type.count > 0, let layout = SumLayout(type, over: axes) else { return nil }
    return .shared(Double.self, count: layout.partialCount(1))
  }

  /// Writes the sums of input 0, each divided by a number and rounded once more, to output 0.
  func writeSums(
    over axes: [Int], dividedBy divisor: Double, _ workspace: borrowing Workspace
  ) {
    guard let layout = SumLayout(inputType(0), over: axes) else { return }
    let sums = unsafe layout.sums(of: self, in: workspace.shared(as: Double.self))
    write(layout.count, toOutput: 0) { sums[$0] / divisor }
  }
}
