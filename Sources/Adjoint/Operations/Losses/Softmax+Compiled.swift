internal import AdjointKernels

extension Softmax {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.inputType(0).count > 0 ? Scratch() : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let kernels = unsafe frame.kernels
    switch (frame.dtype, isLogarithm) {
    case (.float64, false):
      unsafe run(frame, kernels.pointee.softmaxRowsDouble, kernels.pointee.softmaxColumnsDouble)
    case (.float64, true):
      unsafe run(
        frame, kernels.pointee.logSoftmaxRowsDouble, kernels.pointee.logSoftmaxColumnsDouble)
    case (_, false):
      unsafe run(frame, kernels.pointee.softmaxRowsFloat, kernels.pointee.softmaxColumnsFloat)
    case (_, true):
      unsafe run(
        frame, kernels.pointee.logSoftmaxRowsFloat, kernels.pointee.logSoftmaxColumnsFloat)
    }
  }

  private func run<Scalar: RealScalar>(
    _ frame: borrowing CompiledFrame,
    _ rows: (UnsafePointer<Scalar>?, Int, Int, UnsafeMutablePointer<Scalar>?) -> Void,
    _ columns: (UnsafePointer<Scalar>?, Int, Int, Int, UnsafeMutablePointer<Scalar>?) -> Void
  ) {
    let split = AxisSplit(frame.inputType(0), axis)
    let x = unsafe frame.input(0, as: Scalar.self)
    let y = unsafe frame.output(0, as: Scalar.self)
    split.inParallel(grain: Grain.exponentials) { range in
      let start = range.lowerBound * split.extent
      unsafe rows(x + start, range.count, split.extent, y + start)
    } columns: { block, range in
      let start = split.start(block, 0) + range.lowerBound
      unsafe columns(x + start, split.extent, split.inner, range.count, y + start)
    }
  }
}
