internal import AdjointKernels

extension LogSumExpGradient {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.inputType(0).count > 0 ? Scratch() : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let (kernels, split) = unsafe (frame.realKernels, AxisSplit(frame.inputType(0), axis))
    let (x, dy) = (frame.elements(ofInput: 0), frame.elements(ofInput: 1))
    let dx = frame.elements(ofOutput: 0)
    split.inParallel(grain: Grain.exponentials) { range in
      let start = range.lowerBound * split.extent
      unsafe kernels.pointee.logSumExpGradientRows(
        x.from(start), dy.from(range.lowerBound), range.count, split.extent, dx.from(start))
    } columns: { block, range in
      let start = split.start(block, 0) + range.lowerBound
      let group = block * split.inner + range.lowerBound
      unsafe kernels.pointee.logSumExpGradientColumns(
        x.from(start), dy.from(group), split.extent, split.inner, range.count, dx.from(start))
    }
  }
}
