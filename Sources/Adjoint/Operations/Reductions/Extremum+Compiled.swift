internal import AdjointKernels

extension Extremum {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    let type = operands.inputType(0)
    guard type.count > 0, let layout = SumLayout(type, over: axes) else { return nil }
    return Scratch(shared: layout.partCount * operands.dtype.byteCount)
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let kernels = unsafe frame.kernels
    switch frame.dtype {
    case .float64:
      unsafe run(
        frame, workspace, kernels.pointee.extremeRowsDouble, kernels.pointee.extremeColumnsDouble)
    case .int32:
      unsafe run(
        frame, workspace, kernels.pointee.extremeRowsInt, kernels.pointee.extremeColumnsInt)
    default:
      unsafe run(
        frame, workspace, kernels.pointee.extremeRowsFloat, kernels.pointee.extremeColumnsFloat)
    }
  }

  private func run<Scalar: NumericScalar>(
    _ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace,
    _ rows: (
      UnsafePointer<Scalar>?, Int, Int, Int, Int, Int32, UnsafeMutablePointer<Scalar>?
    ) -> Void,
    _ columns: (
      UnsafePointer<Scalar>?, Int, Int, Int, Int32, UnsafeMutablePointer<Scalar>?
    ) -> Void
  ) {
    guard let layout = SumLayout(frame.inputType(0), over: axes) else { return }
    let isLargest: Int32 = isMaximum ? 1 : 0
    let x = unsafe frame.input(0, as: Scalar.self)
    let y = unsafe frame.output(0, as: Scalar.self)
    let parts = layout.partCount
    if parts > 0 {
      // The extremes of parts of all elements, and then that of these.
      let (count, partial) = unsafe (layout.size, workspace.shared(as: Scalar.self))
      inParallel(parts, grain: 1) { range in
        for part in range {
          let start = part * SumLayout.partSize
          unsafe rows(
            x + start, 1, 1, 0, min(SumLayout.partSize, count - start), isLargest, partial + part)
        }
      }
      unsafe rows(partial, 1, 1, 0, parts, isLargest, y)
      return
    }
    layout.inParallel(grain: Grain.elements) { first, result, count in
      unsafe rows(
        x + first, count, layout.outer, layout.kept * layout.inner, layout.inner, isLargest,
        y + result)
    } columns: { first, result, count in
      unsafe columns(x + first, layout.outer, layout.kept, count, isLargest, y + result)
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
