internal import AdjointKernels

/// The first of the largest; the other forms are not what is waited for.
extension ArgMax {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    isMaximum && !takesLast && operands.inputType(0).count > 0 ? Scratch() : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let (kernels, split) = unsafe (frame.numericKernels, AxisSplit(frame.inputType(0), axis))
    let (x, y) = unsafe (frame.elements(ofInput: 0), frame.output(0, as: Int32.self))
    split.inParallel(grain: Grain.elements) { range in
      let first = range.lowerBound
      unsafe kernels.pointee.largestPlaceRows(
        x.from(first * split.extent), range.count, split.extent, y + first)
    } columns: { block, range in
      let group = block * split.inner + range.lowerBound
      unsafe kernels.pointee.largestPlaceColumns(
        x.from(split.start(block, 0) + range.lowerBound), split.extent, split.inner, range.count,
        y + group)
    }
  }
}
