import Adjoint
import AdjointCheck

extension CaseKind {
  /// Functions of each element whose derivative is remembered wrongly.
  static let functions = CaseKind(
    "functions",
    [
      .unary(
        "the derivative of geluTanh for gelu", at: .normal(3, 4), { $0.gelu() }
      ) { x, _, g in g * gradient(at: x) { $0.gelu(approximate: true).sum() } },
      .mistaking("gelu for geluTanh", { $0.gelu(approximate: true) }) { $0.gelu() },
      .slope("tanh′ as 1 − x²", { $0.tanh() }) { 1 - $0.squared() },
      .slope("tanh′ as 1 − tanh", { $0.tanh() }) { 1 - $0.tanh() },
      .slope("sigmoid′ without its factor", { $0.sigmoid() }) { 1 - $0.sigmoid() },
      .slope("sigmoid′ as that of tanh", { $0.sigmoid() }) { 1 - $0.tanh().squared() },
      .slope("softplus′ as tanh", { $0.softplus() }) { $0.tanh() },
      .mistaking("silu′ without its second term", { $0.silu() }) {
        $0 * $0.sigmoid().stoppingGradient()
      },
      .slope("elu′ without its α", at: mixed, { $0.elu(alpha: 0.5) }) {
        ($0 .> 0).cast(to: $0.dtype) + (1 - ($0 .> 0).cast(to: $0.dtype)) * $0.exp()
      },
      .slope("selu′ without its λ", looksLike: .factor, { $0.elu(alpha: 1.67) * 1.05 }) { x in
        gradient(at: x) { $0.elu(alpha: 1.67).sum() }
      },
      .mistaking("a leaky slope on the wrong side", at: mixed, { $0.leakyRelu(slope: 0.1) }) {
        -(-$0).leakyRelu(slope: 0.1)
      },
      .slope("softsign′ as 1/(1 + |x|)", { $0.softsign() }) { 1 / (1 + $0.magnitude()) },
      .slope("mish′ without softplus′", { $0 * $0.softplus().tanh() }) { $0.softplus().tanh() },
      .slope("a power's exponent not lowered", at: positive, { $0.power(2.5) }) {
        $0.power(2.5) * 2.5
      },
      .slope(
        "a power's factor lowered as well", at: positive, looksLike: .factor,
        {
          $0.power(2.5)
        }
      ) { $0.power(1.5) * 1.5 },
      .mistaking(
        "the gradient to an exponent without its logarithm", at: [positive, .normal(3, 2)],
        only: 1, { $0[0].power($0[1]) }
      ) { $0[0].power($0[1]).stoppingGradient() * $0[1] },
      .slope("log1p′ as 1/x", at: positive, { $0.log1p() }) { 1 / $0 },
      .slope("expm1′ as expm1", { $0.expm1() }) { $0.expm1() },
      .slope("log₂′ without 1/ln 2", at: positive, looksLike: .factor, { $0.log() / 0.693147 }) {
        1 / $0
      },
      .slope("2ˣ without ln 2", looksLike: .factor, { ($0 * 0.693147).exp() }) {
        ($0 * 0.693147).exp()
      },
      .slope("√x without its 1/2", at: positive, looksLike: .factor, { $0.squareRoot() }) {
        1 / $0.squareRoot()
      },
      .slope("the power of rsqrt′", at: positive, { $0.rsqrt() }) {
        $0.rsqrt() * -0.5 / $0.squareRoot()
      },
      .slope("1/x with the wrong sign", at: positive, looksLike: .sign, { 1 / $0 }) {
        1 / $0.squared()
      },
      .slope("erf′ without 2/√π", looksLike: .factor, { $0.erf() }) { (-$0.squared()).exp() },
      .slope("erf′ of x²/2", { $0.erf() }) { ($0.squared() * -0.5).exp() * 1.1283791670955126 },
      .slope("cosh′ as −sinh", looksLike: .sign, { $0.cosh() }) { -$0.sinh() },
      .slope("tan′ as 1 − tan²", at: .uniform(3, 2, in: -1..<1), { $0.sin() / $0.cos() }) {
        1 - ($0.sin() / $0.cos()).squared()
      },
      .slope("|x|′ at negative numbers", at: mixed, { $0.magnitude() }) { .ones(like: $0) },
      .slope("sinc′ without its second term", at: positive, { $0.sin() / $0 }) { $0.cos() / $0 },
      .slope("log Γ-like: (x − ½)·log x − x", at: positive, { ($0 - 0.5) * $0.log() - $0 }) {
        $0.log() + 0.5 / $0
      },
      .mistaking(
        "a minimum with the maximum's choice", at: [.normal(3, 2), .normal(3, 2)],
        { .minimum($0[0], $0[1]) }
      ) { .maximum($0[0], $0[1]) },
      .mistaking(
        "a quotient's divisor with the wrong sign", at: [.normal(3, 2), positive], only: 1,
        looksLike: .sign, { $0[0] / $0[1] }
      ) { $0[0] * $0[1] / $0[1].squared().stoppingGradient() },
      .mistaking("hypot without its root", at: [.normal(4), .normal(4)], hypotenuse) {
        $0[0].squared() * 0.5 + $0[1].squared() * 0.5
      },
      .rule("hypot of the other side", at: [.normal(4), .normal(4)], hypotenuse) { rule in
        let (a, b, y, g) = (rule.input(0), rule.input(1), rule.output(), rule.cotangent)
        rule.set(0, to: g * b / y)
        rule.set(1, to: g * a / y)
      },
      angle("atan2 with its operands exchanged") { y, x, square in (-y / square, x / square) },
      angle("atan2 with a sign too few") { y, x, square in (x / square, y / square) },
      angle("atan2 divided by the length") { y, x, square in
        (x / square.squareRoot(), -y / square.squareRoot())
      },
      .mistaking("logaddexp as a maximum", at: [.normal(4), .normal(4)], softMaximum) {
        .maximum($0[0], $0[1])
      },
      .slope(
        "a sine with its argument in degrees", looksLike: .factor,
        {
          ($0 * 0.017453292519943295).sin()
        }
      ) { ($0 * 0.017453292519943295).cos() },
      .slope("a logit without 1 − x", at: .uniform(3, 2, in: 0.1..<0.9), { ($0 / (1 - $0)).log() })
      {
        1 / $0
      },
    ])

  private static let positive = CaseInput.uniform(3, 2, in: 0.5..<3)
  /// Numbers on both sides of 0, away from it.
  private static let mixed = CaseInput.fixed([-1.5, 0.7, 2, -0.4, 0.3, -2.2], shape: [3, 2])

  private static let hypotenuse: @Sendable ([Tensor]) -> Tensor = {
    ($0[0].squared() + $0[1].squared()).squareRoot()
  }

  private static let softMaximum: @Sendable ([Tensor]) -> Tensor = {
    ($0[0].exp() + $0[1].exp()).log()
  }

  /// The angle of (x, y), with what is taken for its derivatives; x² + y² is the third argument.
  private static func angle(
    _ name: String,
    derivatives:
      @escaping @Sendable (_ y: Tensor, _ x: Tensor, _ square: Tensor) -> (
        Tensor, Tensor
      )
  ) -> GradientCase {
    .rule(
      name, at: [.normal(4), .normal(4)], { Tensor.angle(ofY: $0[0], x: $0[1]) },
      pullback: { rule in
        let (y, x, g) = (rule.input(0), rule.input(1), rule.cotangent)
        let (dy, dx) = derivatives(y, x, y.squared() + x.squared())
        rule.set(0, to: g * dy)
        rule.set(1, to: g * dx)
      })
  }
}
