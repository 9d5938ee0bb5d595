internal import AdjointKernels

extension Softmax {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.inputType(0).count > 0 ? Scratch() : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let (kernels, split) = unsafe (frame.realKernels, AxisSplit(frame.inputType(0), axis))
    let rows = unsafe isLogarithm ? kernels.pointee.logSoftmaxRows : kernels.pointee.softmaxRows
    let columns =
      unsafe isLogarithm ? kernels.pointee.logSoftmaxColumns : kernels.pointee.softmaxColumns
    let (x, y) = (frame.elements(ofInput: 0), frame.elements(ofOutput: 0))
    split.inParallel(grain: Grain.exponentials) { range in
      let start = range.lowerBound * split.extent
      unsafe rows?(x.from(start), range.count, split.extent, y.from(start))
    } columns: { block, range in
      let start = split.start(block, 0) + range.lowerBound
      unsafe columns?(x.from(start), split.extent, split.inner, range.count, y.from(start))
    }
  }
}
