extension AffineMap: ExactlyChangingOperation {
  /// Δ(x·Wᵀ + b) = Δx·W̄ᵀ + x̄·ΔWᵀ + Δb, with the means W̄ and x̄ of before and after; what has not moved adds
  /// nothing.
  package func change(
    from before: [Tensor], to after: [Tensor], by changes: [Tensor]
  ) -> Tensor? {
    let result = outputTypes(for: before.map(\.type))[0]
    func isMoved(_ input: Int) -> Bool { [Double](changes[input]).contains { $0 != 0 } }
    func mean(_ input: Int) -> Tensor { before[input] + changes[input] * 0.5 }
    var change =
      isMoved(2)
      ? changes[2].broadcast(to: result.shape) : .zeros(result.shape, dtype: result.dtype)
    if isMoved(0) { change = change + changes[0].matMul(mean(1), transposingOther: true) }
    if isMoved(1) { change = change + mean(0).matMul(changes[1], transposingOther: true) }
    return change
  }
}
