internal import AdjointKernels

extension LogSumExp {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    let type = operands.inputType(0)
    return type.count > 0 && SumLayout(type, over: axes) != nil ? Scratch() : nil
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let kernels = unsafe frame.kernels
    if frame.dtype == .float64 {
      unsafe run(frame, kernels.pointee.logSumExpRowsDouble, kernels.pointee.logSumExpColumnsDouble)
    } else {
      unsafe run(frame, kernels.pointee.logSumExpRowsFloat, kernels.pointee.logSumExpColumnsFloat)
    }
  }

  private func run<Scalar: RealScalar>(
    _ frame: borrowing CompiledFrame,
    _ rows: (UnsafePointer<Scalar>?, Int, Int, Int, Int, UnsafeMutablePointer<Scalar>?) -> Void,
    _ columns: (UnsafePointer<Scalar>?, Int, Int, Int, UnsafeMutablePointer<Scalar>?) -> Void
  ) {
    guard let layout = SumLayout(frame.inputType(0), over: axes) else { return }
    let x = unsafe frame.input(0, as: Scalar.self)
    let y = unsafe frame.output(0, as: Scalar.self)
    layout.inParallel(grain: Grain.exponentials) { first, result, count in
      unsafe rows(
        x + first, count, layout.outer, layout.kept * layout.inner, layout.inner, y + result)
    } columns: { first, result, count in
      unsafe columns(x + first, layout.outer, layout.kept, count, y + result)
    }
  }
}
