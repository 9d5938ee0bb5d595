import Adjoint
import AdjointNN

/// A function to time, forward and backward.
struct FunctionCase: Sendable {
  let name: String
  /// The shape of x.
  var shape = [256, 1024]
  /// The range that x is uniform in; nil for normal numbers.
  var domain: ClosedRange<Double>?
  /// What is drawn after x and dy: the tensors that y is differentiated by too, and those that it is not.
  var others:
    @Sendable (inout NumpyGenerator, DType) -> (differentiated: [Tensor], given: [Tensor]) = {
      _, _ in
      ([], [])
    }
  /// The shape of dy; nil if y is a single number.
  var resultShape: [Int]?
  /// y as a function of what it is differentiated by, and of what it is not.
  let function: @Sendable ([Tensor], [Tensor]) -> Tensor

  /// The function's forward pass and the gradients for a given dy.
  func workload(_ dtype: DType) -> Workload {
    var generator = NumpyGenerator(seed: 10)
    let count = shape.reduce(1, *)
    let numbers =
      domain.map { generator.uniform(count, from: $0.lowerBound, to: $0.upperBound) }
      ?? generator.normal(count)
    let x = Tensor(numbers, shape: shape, dtype: dtype)
    let dy = resultShape.map {
      Tensor(generator.normal($0.reduce(1, *)), shape: $0, dtype: dtype)
    }
    let (differentiated, given) = others(&generator, dtype)
    return .differentiated([x] + differentiated, seed: dy) {
      function($0, given)
    }
  }
}

extension FunctionCase {
  /// A function of each element by itself.
  private static func pointwise(
    _ name: String, _ domain: ClosedRange<Double>,
    _ function: @escaping @Sendable (Tensor) -> Tensor
  ) -> FunctionCase {
    FunctionCase(name: name, domain: domain, resultShape: [256, 1024]) { x, _ in function(x[0]) }
  }

  /// A function of x and another operand, which it is not differentiated by.
  private static func pointwise(
    _ name: String, _ domain: ClosedRange<Double>,
    _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor
  ) -> FunctionCase {
    FunctionCase(
      name: name, domain: domain,
      others: { generator, dtype in ([], [otherOperand(&generator, dtype)]) },
      resultShape: [256, 1024], function: { function($0[0], $1[0]) })
  }

  private static func otherOperand(_ generator: inout NumpyGenerator, _ dtype: DType) -> Tensor {
    Tensor(generator.uniform(256 * 1024, from: 0.5, to: 2.5), shape: [256, 1024], dtype: dtype)
  }

  /// Pointwise functions of [256, 1024].
  static let pointwise: [FunctionCase] = [
    pointwise("exp", -4...4) { $0.exp() },
    pointwise("log", 0.1...10) { $0.log() },
    pointwise("tanh", -4...4) { $0.tanh() },
    pointwise("sigmoid", -8...8) { $0.sigmoid() },
    pointwise("gelu", -4...4) { $0.gelu() },
    pointwise("gelutanh", -4...4) { $0.gelu(approximate: true) },
    pointwise("silu", -8...8) { $0.silu() },
    pointwise("mish", -8...8) { $0 * $0.softplus().tanh() },
    pointwise("softplus", -8...8) { $0.softplus() },
    pointwise("elu", -4...4) { $0.elu() },
    pointwise("leakyrelu", -4...4) { $0.leakyRelu(slope: 0.01) },
    pointwise("relu", -4...4) { $0.relu() },
    pointwise("abs", -4...4) { $0.magnitude() },
    pointwise("sqrt", 0.1...10) { $0.squareRoot() },
    pointwise("rsqrt", 0.1...10) { $0.rsqrt() },
    pointwise("sin", -6...6) { $0.sin() },
    pointwise("cos", -6...6) { $0.cos() },
    pointwise("log1p", -0.5...4) { $0.log1p() },
    pointwise("expm1", -2...2) { $0.expm1() },
    pointwise("pow2.5", 0.1...4) { $0.power(2.5) },
    pointwise("erf", -3...3) { $0.erf() },
    pointwise("clamp", -2...2) { $0.clamped(to: -1...1) },
    FunctionCase(
      name: "where", domain: -4...4,
      others: { generator, dtype in
        let b = otherOperand(&generator, dtype)
        return ([], [b .> 1.5, b])
      }, resultShape: [256, 1024],
      function: { $0[0].select(where: $1[0], otherwise: $1[1]) }),
    pointwise("maximum", 0...3) { .maximum($0, $1) },
    pointwise("add", -4...4) { $0 + $1 },
    pointwise("mul", -4...4) { $0 * $1 },
    pointwise("div", -4...4) { $0 / $1 },
    pointwise("square", -4...4) { $0.squared() },
  ]
}

extension Workload {
  /// A function's forward pass, and its gradients for a given dy. The figures are of the result and of
  /// the gradients, norms unless said otherwise.
  static func differentiated(
    _ inputs: [Tensor], seed: Tensor? = nil, figures: (([Tensor]) -> [Double])? = nil,
    operations: Double = 0, _ function: @escaping ([Tensor]) -> Tensor
  ) -> Workload {
    var results: [Tensor] = []
    func step() {
      let tape = Tape()
      let watched = inputs.map { tape.watch($0) }
      let y = function(watched)
      results = [y.detached] + tape.gradients(of: y, seed: seed, with: watched)
    }
    return Workload(
      step: step,
      check: {
        step()
        return figures?(results) ?? results.map(\.norm)
      }, operations: operations)
  }
}
