import Adjoint

extension Tensor {
  /// Returns x·Wᵀ + b, or without b.
  func mapped(by weight: Tensor, _ bias: Tensor?) -> Tensor {
    guard let bias else {
      return speaking(as: "affine") { matMul(weight, transposingOther: true) }
    }
    return affine(weight: weight, bias: bias)
  }
}
