internal import AdjointKernels

extension Norm {
  /// For float32, whose squares float64 holds, where elements of a norm lie together.
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    let type = operands.inputType(0)
    guard type.count > 0, type.dtype == .float32, let layout = SumLayout(type, over: axes),
      !layout.addsRows
    else { return nil }
    return .shared(Double.self, count: layout.partialCount(2))
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    guard let layout = SumLayout(frame.inputType(0), over: axes) else { return }
    let (x, partial) = unsafe (frame.input(0, as: Float.self), workspace.shared(as: Double.self))
    let sums = unsafe layout.squares(of: x, in: partial, on: frame.kernels)
    frame.write(layout.count, toOutput: 0) { sums[$0, sum: 1].squareRoot() }
  }
}
