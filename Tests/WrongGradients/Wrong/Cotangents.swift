import Adjoint
import AdjointCheck

extension CaseKind {
  /// Pullbacks that do something to the cotangent that is not linear.
  static let cotangents = CaseKind(
    "not linear in the cotangent",
    [
      changing("clipped at ±10") { $0.clamped(to: -10...10) },
      changing("clipped at ±1") { $0.clamped(to: -1...1) },
      changing("saturating at 1e6") { $0.clamped(to: -1e6...1e6) },
      changing("saturating at 1e12") { $0.clamped(to: -1e12...1e12) },
      changing("below 1e-6 taken for 0") {
        $0.select(where: $0.magnitude() .>= 1e-6, otherwise: 0)
      },
      changing("below 1e-12 taken for 0") {
        $0.select(where: $0.magnitude() .>= 1e-12, otherwise: 0)
      },
      changing("below 1 % of the largest taken for 0") {
        $0.select(where: $0.magnitude() .>= $0.magnitude().max() * 0.01, otherwise: 0)
      },
      changing("the sign alone") { $0.sign() },
      changing("squared") { $0.squared() },
      changing("the magnitude") { $0.magnitude() },
      changing("negative ones ignored") { $0.relu() },
      changing("negative ones damped") { $0.leakyRelu(slope: 0.9) },
      changing("normalized to length 1") { $0 / ($0.norm() + 1e-30) },
      changing("shortened to length 100") {
        $0 * Tensor.minimum(.ones(like: $0.norm()), 100 / ($0.norm() + 1e-30))
      },
      changing("a constant added") { $0 + 1e-3 },
      changing("a small constant added") { $0 + 1e-9 },
      changing("a cubic term") { $0 + $0.power(3) * 1e-3 },
      changing("tanh of it") { ($0 * 0.01).tanh() * 100 },
      changing("rounded to float32") { $0.cast(to: .float32).cast(to: $0.dtype) },
      changing("rounded to multiples of 2⁻²⁰") {
        ($0 * 1_048_576).roundedToIntegers() / 1_048_576
      },
      changing("the first row for all") { $0[0..<1].broadcast(to: $0.shape) },
      changing("its mean taken off") { $0 - $0.mean() },
      changing("wrong if one element alone is not 0") {
        $0 * (1 + (countOfNonzero($0) .== 1).cast(to: $0.dtype) * 0.5)
      },
      changing("wrong if some elements are 0") {
        let zeros = (countOfNonzero($0) .< $0.count).cast(to: $0.dtype)
        return $0 * (1 + zeros * 0.5)
      },
      changing("wrong if all elements are equal") { $0 * (1 + isConstant($0) * 0.5) },
      changing("wrong if it is all ones") {
        $0 * (1 + ($0 .== 1).cast(to: $0.dtype).min() * 0.5)
      },
      changing("wrong where it is −1") { $0 * (1 + ($0 .== -1).cast(to: $0.dtype) * 0.5) },
      changing("wrong if its elements are integers") {
        let whole = ($0 .== $0.roundedToIntegers()).cast(to: $0.dtype).min()
        return $0 * (1 + whole * 0.5)
      },
      changing("wrong if no element is negative") {
        $0 * (1 + ($0 .>= 0).cast(to: $0.dtype).min() * 0.5)
      },
    ])

  /// sin x·y, whose rule does something to its cotangent first.
  private static func changing(
    _ name: String, _ change: @escaping @Sendable (Tensor) -> Tensor
  ) -> GradientCase {
    .rule(
      "the cotangent \(name)", at: [.normal(3, 2), .normal(3, 2)], { $0[0].sin() * $0[1] },
      pullback: {
        rule in
        let (x, y, g) = (rule.input(0), rule.input(1), change(rule.cotangent))
        rule.set(0, to: g * x.cos() * y)
        rule.set(1, to: g * x.sin())
      })
  }

  private static func countOfNonzero(_ g: Tensor) -> Tensor {
    (g .!= 0).cast(to: .int32).sum()
  }

  /// 1 if all elements are equal, else 0.
  private static func isConstant(_ g: Tensor) -> Tensor {
    (g.max() .== g.min()).cast(to: g.dtype)
  }
}
