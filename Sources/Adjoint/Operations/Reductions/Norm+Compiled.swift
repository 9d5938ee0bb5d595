internal import AdjointKernels

extension Norm {
  /// For float32, whose squares float64 holds.
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.inputType(0).dtype == .float32 ? operands.scratchForMoments(over: axes) : nil
  }

  /// One pass for the sums of d = x − K, with K the first element of each norm: Σx² = Σd² + 2K·Σd + nK². Since K²
  /// is part of the sum, no more than n roundings of float64 are lost.
  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    guard let layout = SumLayout(frame.inputType(0), over: axes) else { return }
    let x = unsafe frame.input(0, as: Float.self)
    let sums = unsafe layout.moments(
      of: x, in: workspace.shared(as: Double.self), on: frame.kernels)
    frame.write(layout.count, toOutput: 0) { number in
      let start = layout.start(of: number)
      let first = unsafe Double(x[start])
      let squares =
        sums[number, sum: 1] + first * (2 * sums[number] + Double(layout.size) * first)
      if squares.isFinite { return max(squares, 0).squareRoot() }
      // Where ∞ less ∞ is unknown, the sum of squares may be infinite.
      var sum = 0.0
      for run in 0..<layout.outer {
        for i in 0..<layout.inner {
          let element = unsafe Double(x[start + run * layout.kept * layout.inner + i])
          sum += element * element
        }
      }
      return sum.squareRoot()
    }
  }
}
