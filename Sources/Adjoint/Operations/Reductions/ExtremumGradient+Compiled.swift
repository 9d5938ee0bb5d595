internal import AdjointKernels

extension ExtremumGradient {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    let type = operands.inputType(0)
    return type.count > 0 && SumLayout(type, over: axes) != nil ? Scratch() : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    guard let layout = SumLayout(frame.inputType(0), over: axes) else { return }
    let (kernels, x) = unsafe (frame.realKernels, frame.elements(ofInput: 0))
    let (y, dy) = (frame.elements(ofInput: 1), frame.elements(ofInput: 2))
    let dx = frame.elements(ofOutput: 0)
    layout.inParallel(grain: Grain.elements / 2) { first, result, count in
      unsafe kernels.pointee.extremumGradientRows(
        x.from(first), y.from(result), dy.from(result), count, layout.outer,
        layout.kept * layout.inner, layout.inner, dx.from(first))
    } columns: { first, result, count in
      unsafe kernels.pointee.extremumGradientColumns(
        x.from(first), y.from(result), dy.from(result), layout.outer, layout.kept, count,
        dx.from(first))
    }
  }
}
