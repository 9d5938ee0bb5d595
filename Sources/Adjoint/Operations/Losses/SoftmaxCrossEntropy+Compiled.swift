internal import AdjointKernels

extension SoftmaxCrossEntropy {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    operands.inputType(0).count > 0 ? Scratch() : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let (kernels, split) = unsafe (frame.realKernels, AxisSplit(frame.inputType(0), axis))
    let labels = unsafe frame.classes(axis: axis, name)
    let (x, y) = (frame.elements(ofInput: 0), frame.elements(ofOutput: 0))
    split.inParallel(grain: Grain.exponentials) { range in
      let first = range.lowerBound
      unsafe kernels.pointee.softmaxCrossEntropyRows(
        x.from(first * split.extent), labels + first, range.count, split.extent, y.from(first))
    } columns: { block, range in
      let start = split.start(block, 0) + range.lowerBound
      let group = block * split.inner + range.lowerBound
      unsafe kernels.pointee.softmaxCrossEntropyColumns(
        x.from(start), labels + group, split.extent, split.inner, range.count, y.from(group))
    }
  }
}

extension CompiledFrame {
  /// The labels in input 1, each of which must be a class along an axis of input 0.
  func classes(axis: Int, _ operation: String) -> UnsafePointer<Int32> {
    let labels = unsafe input(1, as: Int32.self)
    let (count, type) = (inputType(1).count, inputType(0))
    // Unlike a place, a label does not count from the end: −1 is no class.
    let end = Int32(clamping: type.shape[axis])
    for sample in 0..<count where unsafe labels[sample] < 0 || labels[sample] >= end {
      unsafe stopAtLabel(labels[sample], type, axis: axis, operation)
    }
    return unsafe labels
  }
}
