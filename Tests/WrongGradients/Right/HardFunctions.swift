import Adjoint
import AdjointCheck

extension CaseKind {
  /// Functions where they are steep, flat, or nearly not defined.
  static let hardFunctions = CaseKind(
    "functions at hard points",
    [
      .function("1/x at ±1e-8", at: .fixed(1e-8, -1e-8, 1)) { 1 / $0 },
      .function("1/x at 1e150", at: .fixed(1e150, -1e-150, 2)) { 1 / $0 },
      .function("1/x² at 1e-4", at: .fixed(1e-4, -1e-4, 3)) { 1 / $0.squared() },
      .function("√x at 1e-12", at: .fixed(1e-12, 1, 4)) { $0.squareRoot() },
      .function("√x at 1e-300", at: .fixed(1e-300, 1)) { $0.squareRoot() },
      .function("1/√x from 1e-6 to 1e6", at: .fixed(1e-6, 1e-3, 1, 1e3, 1e6)) { $0.rsqrt() },
      .function("a cube root near 0", at: .fixed(1e-9, -1e-9, 1e-6), cubeRoot),
      .function("a cube root away from 0", at: .fixed(8, -1, 0.3), cubeRoot),
      .function("log x at 1e-300", at: .fixed(1e-300, 1e300, 1)) { $0.log() },
      .function("log x near 1", at: .fixed(1 + 1e-9, 1 - 1e-9)) { $0.log() },
      .function("−p·log p down to 1e-12", at: .fixed(1e-12, 1e-6, 0.3, 0.7)) { -$0 * $0.log() },
      .function("x·log x at 1e8", at: .fixed(1e8, 1e-8, 1)) { $0 * $0.log() },
      .function("xˣ", at: .fixed(0.1, 1, 3, 5)) { $0.power($0) },
      .function("a power of a tiny base", at: .fixed(1e-10, 1e-5, 2)) { $0.power(2.5) },
      .function("a power of a large exponent", at: .fixed(1.01, 0.99, 1.1)) { $0.power(300) },
      .function("exp at ±700", at: .fixed(700, -700, 0)) { $0.exp() },
      .function("1 − tanh² far from 0", at: .normal(6, deviation: 12)) { 1 - $0.tanh().squared() },
      .function("expm1 at 1e-10", at: .fixed(1e-10, -1e-10, 1)) { $0.expm1() },
      .function("log1p at 1e-10", at: .fixed(1e-10, -1e-10, 1)) { $0.log1p() },
      .function("log1p near −1", at: .fixed(-0.999999, -0.9, 0)) { $0.log1p() },
      .function("sinh at 300", at: .fixed(300, -300, 0.1)) { $0.sinh() },
      .function("log cosh at 30", at: .fixed(30, -30, 1e-4)) { $0.cosh().log() },
      .function("tan near π/2", at: .fixed(1.57, -1.57, 0.5)) { $0.sin() / $0.cos() },
      .function("sin at 1e6", at: .fixed(1e6, -1e6 + 1, 3)) { $0.sin() },
      .function("a sine of a high frequency", at: .fixed(0.3, -0.7, 1)) { ($0 * 1e4).sin() },
      .function("sines of frequencies of 2ᵏ, as positions have", at: .normal(3, 2)) {
        let x = $0
        return .concatenated((0..<10).map { (x * (Double.pi * Double(1 << $0))).sin() }, along: 1)
      },
      .function("a sine of a million radians, rounded before it", at: .normal(6)) {
        ($0 * 1e6).sin()
      },
      .function("log(x + √(x² + 1)) at −1e4", at: .normal(5, mean: -1e4, deviation: 1e3)) {
        ($0 + ($0.squared() + 1).squareRoot()).log()
      },
      // Where it is the difference of numbers of which nothing is left, no difference can tell.
      .function("1 − erf beyond 6", at: .uniform(6, in: 6..<9)) { 1 - $0.erf() }.undecidable,
      .function("1 − erf from 3 to 6", at: .uniform(6, in: 3..<6)) { 1 - $0.erf() }.undecidable,
      .function("x² and a sine of 2²⁰ periods", at: .normal(3, 2)) {
        $0.squared() + ($0 * (0x1p21 * Double.pi)).sin()
      },
      .function("sin x/x near 0", at: .fixed(1e-3, -1e-3, 2)) { $0.sin() / $0 },
      .function("1 − cos at 1e-4", at: .fixed(1e-4, -3e-4, 1)) { 1 - $0.cos() },
      .function("sigmoid at ±40", at: .fixed(40, -40, 0)) { $0.sigmoid() },
      .function("log sigmoid at −40", at: .fixed(-40, 40, 1)) { -(-$0).softplus() },
      .function("softplus at ±50", at: .fixed(50, -50, 0)) { $0.softplus() },
      .function("tanh at ±15", at: .fixed(15, -15, 0.5)) { $0.tanh() },
      .function("erf at ±5", at: .fixed(5, -5, 0)) { $0.erf() },
      .function("erfc at 10", at: .fixed(10, 3, -2)) { $0.erfc() },
      .function("gelu at ±8", at: .fixed(8, -8, 0.1)) { $0.gelu() },
      .function("silu at ±40", at: .fixed(40, -40, 0.1)) { $0.silu() },
      .function("elu at −40", at: .fixed(-40, -1, 2)) { $0.elu() },
      .function("softsign at 1e6", at: .fixed(1e6, -1e6, 0.1)) { $0.softsign() },
      .function("√(1 + x²) − x at 1e4", at: .fixed(1e4, 10, -3)) {
        (1 + $0.squared()).squareRoot() - $0
      },
      .function("an angle on the axes", at: [.fixed(0, 1, 0, -1), .fixed(1, 0, 2, 0)]) {
        [.angle(ofY: $0[0], x: $0[1])]
      },
      .function(
        "angles beside the cut at ±π",
        at: [.fixed(1e-9, -1e-9, 1e-3, -1e-6), .fixed(-1, -2, -1e6, -1e3)]
      ) { [.atan2($0[0], $0[1])] },
      .function("an angle at 1e-9", at: [.fixed(1e-9, -1e-9), .fixed(1, 1)]) {
        [.angle(ofY: $0[0], x: $0[1])]
      },
      .function("a hypotenuse at 1e-100", at: [.fixed(3e-100, 1e-100), .fixed(4e-100, 1)]) {
        [($0[0].squared() + $0[1].squared()).squareRoot()]
      },
      .function("a norm at 1e-200", at: .fixed(3e-200, 4e-200)) { $0.norm() },
      .function("a norm at 1e200", at: .fixed(3e200, 4e200)) { $0.norm() },
      .function("logSumExp of a spread of 1e3", at: .fixed(0, 1e3, -1e3, 999)) { $0.logSumExp() },
      .function("softmax of [0, 30]", at: .fixed(0, 30)) { $0.softmax() },
      .function("softmax of logits 30 apart", at: .normal(3, 5, deviation: 30)) { $0.softmax() },
      .function("log-softmax of logits 30 apart", at: .normal(3, 5, deviation: 30)) {
        $0.logSoftmax()
      },
      .function(
        "products of shares, one of which is nearly 1",
        at: [.fixed([0, -38, -45, -60], shape: [1, 4]), .normal(4, 3)]
      ) {
        [$0[0].softmax().matMul($0[1])]
      },
      .function(
        "products of shares of logits 15 apart", at: [.normal(3, 4, deviation: 15), .normal(4, 3)]
      ) {
        [$0[0].softmax().matMul($0[1])]
      },
      .function(
        "shares of a division of exponentials",
        at: [.fixed([0, -38, -45, -60], shape: [1, 4]), .normal(4, 3)]
      ) {
        let exponentials = $0[0].exp()
        return [(exponentials / exponentials.sum(over: 1, keepingAxes: true)).matMul($0[1])]
      },
      .function(
        "a gate that is open or shut", at: [.normal(3, deviation: 30), .normal(3), .normal(3)]
      ) {
        let (gate, candidate) = ($0[0].sigmoid(), ($0[1] + $0[2]).tanh())
        return [(1 - gate) * candidate + gate * $0[2]]
      },
      .function("logSumExp of logits 10 apart", at: .normal(3, 5, deviation: 10)) {
        $0.logSumExp(over: 1)
      },
      .function("√x at 0", at: .fixed(0, 1)) { $0.squareRoot() }.undecidable,
      .function("log x at 0", at: .fixed(0, 1)) { $0.log() }.undecidable,
      .function("x at infinity", at: .fixed(.infinity, 1)) { $0.tanh() }.undecidable,
      .function("a bump far away", at: .fixed(6, -6, 0.1)) { (-$0.squared()).exp() },
      .function("a bump on its top", at: .fixed(0, 1e-9, 1)) { (-$0.squared()).exp() },
      .function("a narrow bump", at: .fixed(0.5001, 0.4999, 0.5005)) {
        (($0 - 0.5).squared() * -1e7).exp()
      },
      .function("x·tanh² of 100 000 x at 0", at: .fixed(0, 0.7, -1)) {
        $0 * ($0 * 1e5).tanh().squared()
      },
      .function("shrinkage of what is small", at: .fixed(0, 9, -3, 0, 5)) {
        $0 * (1 - ($0.squared() * -5e5).exp())
      },
      .function("soft rounding at integers", at: .fixed(100, 200, 300)) {
        $0 - ($0 * (2 * Double.pi)).sin() / (2 * Double.pi)
      },
      .function("log softmax beside −∞", at: .normal(2, 3)) {
        ($0 + Tensor([0, -.infinity, 0] as [Double])).logSoftmax()
      },
      .function("an oscillation that grows", at: .fixed(0.01, 0.1, 1)) { $0 * (1 / $0).sin() },
      .function("x² at 0", at: .fixed(0, 0, 0)) { $0.squared() },
      .function("x³ at 0", at: .fixed(0, 1e-8, 1)) { $0.power(3) },
      .function("100 sines of one another", at: .fixed(0.5, -1, 2)) {
        (0..<100).reduce($0) { x, _ in x.sin() }
      },
      .function("a logistic map, 12 times", at: .fixed(0.3, 0.7)) {
        (0..<12).reduce($0) { x, _ in x * (1 - x) * 3.9 }
      },
      .function("in float32 for a while", at: .normal(4), inSinglePrecision),
      .function("in float32 for a while, and summed", at: .normal(4)) {
        inSinglePrecision($0).sum()
      },
    ])

  private static let cubeRoot: @Sendable (Tensor) -> Tensor = {
    $0.sign() * $0.magnitude().power(1.0 / 3)
  }

  /// The sine, computed in float32.
  private static let inSinglePrecision: @Sendable (Tensor) -> Tensor = {
    $0.cast(to: .float32).sin().cast(to: $0.dtype)
  }
}
