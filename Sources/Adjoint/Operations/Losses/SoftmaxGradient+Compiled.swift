internal import AdjointKernels

extension SoftmaxGradient {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.inputType(0).count > 0 ? Scratch() : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let kernels = unsafe frame.kernels
    switch (frame.dtype, isLogarithm) {
    case (.float64, false):
      unsafe run(
        frame, kernels.pointee.softmaxGradientRowsDouble,
        kernels.pointee.softmaxGradientColumnsDouble)
    case (.float64, true):
      unsafe run(
        frame, kernels.pointee.logSoftmaxGradientRowsDouble,
        kernels.pointee.logSoftmaxGradientColumnsDouble)
    case (_, false):
      unsafe run(
        frame, kernels.pointee.softmaxGradientRowsFloat,
        kernels.pointee.softmaxGradientColumnsFloat)
    case (_, true):
      unsafe run(
        frame, kernels.pointee.logSoftmaxGradientRowsFloat,
        kernels.pointee.logSoftmaxGradientColumnsFloat)
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
    let y = unsafe frame.input(0, as: Scalar.self)
    let dy = unsafe frame.input(1, as: Scalar.self)
    let dx = unsafe frame.output(0, as: Scalar.self)
    split.inParallel(grain: isLogarithm ? Grain.exponentials : Grain.elements / 2) { range in
      let start = range.lowerBound * split.extent
      unsafe rows(y + start, dy + start, range.count, split.extent, dx + start)
    } columns: { block, range in
      let start = split.start(block, 0) + range.lowerBound
      unsafe columns(y + start, dy + start, split.extent, split.inner, range.count, dx + start)
    }
  }
}
