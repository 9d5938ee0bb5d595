internal import AdjointKernels

extension Extremum {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    let type = operands.inputType(0)
    guard type.count > 0, let layout = SumLayout(type, over: axes) else { return nil }
    return Scratch(shared: layout.partCount * operands.dtype.byteCount)
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    guard let layout = SumLayout(frame.inputType(0), over: axes) else { return }
    let (kernels, isLargest) = unsafe (frame.numericKernels, Int32(isMaximum ? 1 : 0))
    let (x, y) = (frame.elements(ofInput: 0), frame.elements(ofOutput: 0))
    let parts = layout.partCount
    if parts > 0 {
      // The extremes of parts of all elements, and then that of these.
      let count = layout.size
      let partial = unsafe MutableElements(start: workspace.shared, size: x.size)
      inParallel(parts, grain: 1) { range in
        for part in range {
          let start = part * SumLayout.partSize
          unsafe kernels.pointee.extremeRows(
            x.from(start), 1, 1, 0, min(SumLayout.partSize, count - start), isLargest,
            partial.from(part))
        }
      }
      unsafe kernels.pointee.extremeRows(partial.start, 1, 1, 0, parts, isLargest, y.start)
      return
    }
    layout.inParallel(grain: Grain.elements) { first, result, count in
      unsafe kernels.pointee.extremeRows(
        x.from(first), count, layout.outer, layout.kept * layout.inner, layout.inner, isLargest,
        y.from(result))
    } columns: { first, result, count in
      unsafe kernels.pointee.extremeColumns(
        x.from(first), layout.outer, layout.kept, count, isLargest, y.from(result))
    }
  }
}

extension SumLayout {
  /// How many of the elements that make a single result one thread works on.
  fileprivate static let partSize = 2 * Grain.elements

  /// The number of parts of a single result; 0 if there are more results, or few elements.
  fileprivate var partCount: Int {
    count > 1 || size <= SumLayout.partSize ? 0 : (size - 1) / SumLayout.partSize + 1
  }
}
