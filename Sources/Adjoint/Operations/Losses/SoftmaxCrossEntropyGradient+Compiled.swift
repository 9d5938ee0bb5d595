internal import AdjointKernels

extension SoftmaxCrossEntropyGradient {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.inputType(0).count > 0 ? Scratch() : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let kernels = unsafe frame.kernels
    if frame.dtype == .float64 {
      unsafe run(
        frame, kernels.pointee.softmaxCrossEntropyGradientRowsDouble,
        kernels.pointee.softmaxCrossEntropyGradientColumnsDouble)
    } else {
      unsafe run(
        frame, kernels.pointee.softmaxCrossEntropyGradientRowsFloat,
        kernels.pointee.softmaxCrossEntropyGradientColumnsFloat)
    }
  }

  private func run<Scalar: RealScalar>(
    _ frame: borrowing CompiledFrame,
    _ rows: (
      UnsafePointer<Scalar>?, UnsafePointer<Int32>?, UnsafePointer<Scalar>?, Int, Int,
      UnsafeMutablePointer<Scalar>?
    ) -> Void,
    _ columns: (
      UnsafePointer<Scalar>?, UnsafePointer<Int32>?, UnsafePointer<Scalar>?, Int, Int, Int,
      UnsafeMutablePointer<Scalar>?
    ) -> Void
  ) {
    let split = AxisSplit(frame.inputType(0), axis)
    let labels = unsafe frame.classes(axis: axis, name)
    let x = unsafe frame.input(0, as: Scalar.self)
    let dy = unsafe frame.input(2, as: Scalar.self)
    let dx = unsafe frame.output(0, as: Scalar.self)
    split.inParallel(grain: Grain.exponentials) { range in
      let (first, start) = (range.lowerBound, range.lowerBound * split.extent)
      unsafe rows(
        x + start, labels + first, dy + first, range.count, split.extent, dx + start)
    } columns: { block, range in
      let start = split.start(block, 0) + range.lowerBound
      let group = block * split.inner + range.lowerBound
      unsafe columns(
        x + start, labels + group, dy + group, split.extent, split.inner, range.count, dx + start)
    }
  }
}
