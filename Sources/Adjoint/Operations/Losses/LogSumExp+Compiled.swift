internal import AdjointKernels

extension LogSumExp {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    let type = operands.inputType(0)
    return type.count > 0 && SumLayout(type, over: axes) != nil ? Scratch() : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    guard let layout = SumLayout(frame.inputType(0), over: axes) else { return }
    let kernels = unsafe frame.realKernels
    let (x, y) = (frame.elements(ofInput: 0), frame.elements(ofOutput: 0))
    layout.inParallel(grain: Grain.exponentials) { first, result, count in
      unsafe kernels.pointee.logSumExpRows(
        x.from(first), count, layout.outer, layout.kept * layout.inner, layout.inner,
        y.from(result))
    } columns: { first, result, count in
      unsafe kernels.pointee.logSumExpColumns(
        x.from(first), layout.outer, layout.kept, count, y.from(result))
    }
  }
}
