internal import AdjointKernels

extension LogSumExpGradient {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.inputType(0).count > 0 ? Scratch() : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let kernels = unsafe frame.kernels
    if frame.dtype == .float64 {
      unsafe run(
        frame, kernels.pointee.logSumExpGradientRowsDouble,
        kernels.pointee.logSumExpGradientColumnsDouble)
    } else {
      unsafe run(
        frame, kernels.pointee.logSumExpGradientRowsFloat,
        kernels.pointee.logSumExpGradientColumnsFloat)
    }
  }

  private func run<Scalar: RealScalar>(
    _ frame: borrowing CompiledFrame,
    _ rows: (
      UnsafePointer<Scalar>?, UnsafePointer<Scalar>?, Int, Int, UnsafeMutablePointer<Scalar>?
    ) -> Void,
    _ columns: (
      UnsafePointer<Scalar>?, UnsafePointer<Scalar>?, Int, Int, Int, UnsafeMutablePointer<Scalar>?
    ) -> Void
  ) {
    let split = AxisSplit(frame.inputType(0), axis)
    let x = unsafe frame.input(0, as: Scalar.self)
    let dy = unsafe frame.input(1, as: Scalar.self)
    let dx = unsafe frame.output(0, as: Scalar.self)
    split.inParallel(grain: Grain.exponentials) { range in
      let start = range.lowerBound * split.extent
      unsafe rows(x + start, dy + range.lowerBound, range.count, split.extent, dx + start)
    } columns: { block, range in
      let start = split.start(block, 0) + range.lowerBound
      let group = block * split.inner + range.lowerBound
      unsafe columns(
        x + start, dy + group, split.extent, split.inner, range.count, dx + start)
    }
  }
}
