internal import AdjointKernels

extension SoftmaxGradient {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.inputType(0).count > 0 ? Scratch() : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let (kernels, split) = unsafe (frame.realKernels, AxisSplit(frame.inputType(0), axis))
    let rows =
      unsafe isLogarithm
      ? kernels.pointee.logSoftmaxGradientRows : kernels.pointee.softmaxGradientRows
    let columns =
      unsafe isLogarithm
      ? kernels.pointee.logSoftmaxGradientColumns : kernels.pointee.softmaxGradientColumns
    let (y, dy) = (frame.elements(ofInput: 0), frame.elements(ofInput: 1))
    let dx = frame.elements(ofOutput: 0)
    split.inParallel(grain: isLogarithm ? Grain.exponentials : Grain.elements / 2) { range in
      let start = range.lowerBound * split.extent
      unsafe rows?(y.from(start), dy.from(start), range.count, split.extent, dx.from(start))
    } columns: { block, range in
      let start = split.start(block, 0) + range.lowerBound
      unsafe columns?(
        y.from(start), dy.from(start), split.extent, split.inner, range.count, dx.from(start))
    }
  }
}
