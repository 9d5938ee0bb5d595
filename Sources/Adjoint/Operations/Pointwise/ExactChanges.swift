// How much functions change, to all digits that the changes of their arguments have. Where an argument
// changes so much that results are far from each other, their difference is as exact, and these say NaN.

extension Exponential: ExactlyChangingFunction {
  /// Δeᵃ = eᵃ·(e^Δa − 1).
  static func change(
    from before: [Tensor], to after: [Tensor], by changes: [Tensor]
  ) -> Tensor {
    (before[0].exp() * changes[0].expm1()).select(
      where: changes[0].magnitude() .<= 1, otherwise: .nan)
  }
}

extension NaturalLogarithm: ExactlyChangingFunction {
  /// Δ log a = log(1 + Δa/a).
  static func change(
    from before: [Tensor], to after: [Tensor], by changes: [Tensor]
  ) -> Tensor {
    let relative = changes[0] / before[0]
    return relative.log1p().select(where: relative.magnitude() .<= 0.5, otherwise: .nan)
  }
}

extension Divide: ExactlyChangingFunction {
  /// Δ(a/b) = (Δa − (a/b)·Δb)/b′ with the denominator b′ after the change.
  static func change(
    from before: [Tensor], to after: [Tensor], by changes: [Tensor]
  ) -> Tensor {
    (changes[0] - before[0] / before[1] * changes[1]) / after[1]
  }
}
