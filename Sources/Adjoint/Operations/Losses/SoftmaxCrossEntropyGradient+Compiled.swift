internal import AdjointKernels

extension SoftmaxCrossEntropyGradient {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.inputType(0).count > 0 ? Scratch() : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let (kernels, split) = unsafe (frame.realKernels, AxisSplit(frame.inputType(0), axis))
    let labels = unsafe frame.classes(axis: axis, name)
    let (x, dy) = (frame.elements(ofInput: 0), frame.elements(ofInput: 2))
    let dx = frame.elements(ofOutput: 0)
    split.inParallel(grain: Grain.exponentials) { range in
      let (first, start) = (range.lowerBound, range.lowerBound * split.extent)
      unsafe kernels.pointee.softmaxCrossEntropyGradientRows(
        x.from(start), labels + first, dy.from(first), range.count, split.extent, dx.from(start))
    } columns: { block, range in
      let start = split.start(block, 0) + range.lowerBound
      let group = block * split.inner + range.lowerBound
      unsafe kernels.pointee.softmaxCrossEntropyGradientColumns(
        x.from(start), labels + group, dy.from(group), split.extent, split.inner, range.count,
        dx.from(start))
    }
  }
}
