internal import AdjointKernels

extension ExtremumGradient {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    let type = operands.inputType(0)
    return type.count > 0 && SumLayout(type, over: axes) != nil ? Scratch() : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let kernels = unsafe frame.kernels
    if frame.dtype == .float64 {
      unsafe run(
        frame, kernels.pointee.extremumGradientRowsDouble,
        kernels.pointee.extremumGradientColumnsDouble)
    } else {
      unsafe run(
        frame, kernels.pointee.extremumGradientRowsFloat,
        kernels.pointee.extremumGradientColumnsFloat)
    }
  }

  private func run<Scalar: RealScalar>(
    _ frame: borrowing CompiledFrame,
    _ rows: (
      UnsafePointer<Scalar>?, UnsafePointer<Scalar>?, UnsafePointer<Scalar>?, Int, Int, Int, Int,
      UnsafeMutablePointer<Scalar>?
    ) -> Void,
    _ columns: (
      UnsafePointer<Scalar>?, UnsafePointer<Scalar>?, UnsafePointer<Scalar>?, Int, Int, Int,
      UnsafeMutablePointer<Scalar>?
    ) -> Void
  ) {
    guard let layout = SumLayout(frame.inputType(0), over: axes) else { return }
    let x = unsafe frame.input(0, as: Scalar.self)
    let y = unsafe frame.input(1, as: Scalar.self)
    let dy = unsafe frame.input(2, as: Scalar.self)
    let dx = unsafe frame.output(0, as: Scalar.self)
    layout.inParallel(grain: Grain.elements / 2) { first, result, count in
      unsafe rows(
        x + first, y + result, dy + result, count, layout.outer, layout.kept * layout.inner,
        layout.inner, dx + first)
    } columns: { first, result, count in
      unsafe columns(
        x + first, y + result, dy + result, layout.outer, layout.kept, count, dx + first)
    }
  }
}
