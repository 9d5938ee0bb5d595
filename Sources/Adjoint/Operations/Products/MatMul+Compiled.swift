extension MatMul {
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    let product = product(operands.inputType(0), operands.inputType(1))
    return operands.dtype == .float64
      ? unsafe product.scratch(Double.self, on: operands.kernels)
      : unsafe product.scratch(Float.self, on: operands.kernels)
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let product = product(frame.inputType(0), frame.inputType(1))
    func compute<Scalar: RealScalar>(_: Scalar.Type) {
      unsafe product.compute(
        frame.input(0, as: Scalar.self), frame.input(1), bias: nil, into: frame.output(0),
        on: frame.kernels, workspace)
    }
    if frame.dtype == .float64 { compute(Double.self) } else { compute(Float.self) }
  }
}
