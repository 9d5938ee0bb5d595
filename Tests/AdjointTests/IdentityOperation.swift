import Adjoint

/// An operation that computes what it is given: a test says what else is strange about it.
protocol IdentityOperation: Adjoint.Operation {
  /// What the kernel does besides.
  func kernelBegins()
}

extension IdentityOperation {
  func kernelBegins() {}

  /// Passes the cotangent on.
  func pullback(_ rule: inout Pullback) {
    let g = rule.cotangent
    rule.set(0, to: g)
  }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    kernelBegins()
    let x = frame.input(0)
    var y = frame.output(0)
    for i in x.indices { y[i] = x[i] }
  }
}
