internal import AdjointKernels

extension ArgMax {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.inputType(0).count > 0 ? Scratch() : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let kernels = unsafe frame.kernels
    switch frame.dtype {
    case .float64:
      unsafe run(
        frame, kernels.pointee.largestPlaceRowsDouble, kernels.pointee.largestPlaceColumnsDouble)
    case .int32:
      unsafe run(
        frame, kernels.pointee.largestPlaceRowsInt, kernels.pointee.largestPlaceColumnsInt)
    default:
      unsafe run(
        frame, kernels.pointee.largestPlaceRowsFloat, kernels.pointee.largestPlaceColumnsFloat)
    }
  }

  private func run<Scalar: NumericScalar>(
    _ frame: borrowing CompiledFrame,
    _ rows: (UnsafePointer<Scalar>?, Int, Int, UnsafeMutablePointer<Int32>?) -> Void,
    _ columns: (UnsafePointer<Scalar>?, Int, Int, Int, UnsafeMutablePointer<Int32>?) -> Void
  ) {
    let split = AxisSplit(frame.inputType(0), axis)
    let x = unsafe frame.input(0, as: Scalar.self)
    let y = unsafe frame.output(0, as: Int32.self)
    split.inParallel(grain: Grain.elements) { range in
      let first = range.lowerBound
      unsafe rows(x + first * split.extent, range.count, split.extent, y + first)
    } columns: { block, range in
      let group = block * split.inner + range.lowerBound
      unsafe columns(
        x + split.start(block, 0) + range.lowerBound, split.extent, split.inner, range.count,
        y + group)
    }
  }
}
