import Adjoint
import AdjointCheck
import AdjointNN

extension CaseKind {
  /// Gradients that are right in float64, and wrong in float32.
  static let singlePrecision = CaseKind(
    "float32 alone",
    [
      GradientCase(
        RuleOperation("wrong in float32 only", { $0[0].exp() }) { rule in
          let (y, g) = (rule.output(), rule.cotangent)
          rule.set(0, to: g.dtype == .float32 ? g * y * 1.001 : g * y)
        }, [[3, 4]]),
      .rule(
        "1 % in float32, of the second of two inputs", at: [.normal(4), .normal(4)],
        {
          $0[0] * $0[1]
        }
      ) { rule in
        let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
        rule.set(0, to: g * b)
        rule.set(1, to: g * a * flaw(g))
      },
      .unary("1 % in float32, in one element", at: .uniform(6, in: -1..<1), { $0.sin() }) {
        x, _, g in
        g * x.cos() * Tensor([1, 1, 1, 1, 1, flaw(g)], dtype: g.dtype)
      },
      .unary(
        "1 % in float32, in an element beside others of 1e5", at: .uniform(4, in: -1..<1),
        { $0.sin() * Tensor([1e5, 1e5, 1, 1], dtype: $0.dtype) }
      ) { x, _, g in g * x.cos() * Tensor([1e5, 1e5, 1, flaw(g)], dtype: g.dtype) },
      .unary("ten bits in float32", { $0.sin() }) { x, _, g in tenBits(g * x.cos()) },
      .unary("what is below 0.5 lost in float32", at: .normal(12), { $0.exp() }) { _, y, g in
        flushed(g * y)
      },
      .unary("an overflow in float32", at: .uniform(4, in: 45..<60), { $0.softplus() }) {
        x, _, g in g * overflowing(x.exp())
      },
      .unary("a cancellation in float32", at: .uniform(4, in: 1e-4..<2e-4), { $0.cosh() }) {
        x, _, g in g * (x.exp() - (-x).exp()) * 0.5
      },
      .unary("no gradient in float32", { $0.sin() }) { x, _, g in
        g.dtype == .float32 ? .zeros(like: g) : g * x.cos()
      },
      .unary("wrong in float32 at second order", order: 2, { $0.power(3) }) { x, _, g in
        g * 3 * x * (g.dtype == .float32 ? x.stoppingGradient() : x)
      },
      .function("1 % in float32, in a closure", at: .normal(3, 2), flawedSine),
      .function("1 % in float32, in a closure that goes on", at: .normal(3, 3)) {
        flawedSine($0).matMul($0).softmax()
      },
      .function("1 % in float32, in one of two outputs", at: [.normal(4)]) {
        [$0[0].exp(), flawedSine($0[0])]
      },
      .function("1 % in float32 beside a kink", at: .fixed(0.5, 0, -1, 2)) {
        flawedSine($0) + $0.relu()
      },
      .function(
        "1 % in float32 beside another input's kink", at: [.normal(3), .fixed(0, 1, -1)]
      ) { [flawedSine($0[0]), $0[1].magnitude()] },
      .layer("1 % in float32, in a layer", at: .normal(3, 4)) { _ in FlawedSine() },
      .layer("1 % in float32, in a layer among others", at: .normal(3, 4), perceptron),
      .layer("1 % in float32, in inference alone", at: .normal(3, 4), in: .inference) {
        _ in FlawedSine(mode: .inference)
      },
      .layer(
        "1 % in float32, beside relu in a layer", at: .fixed([1, 0, -1, 2], shape: [1, 4]),
        rectified),
      .loss("1 % in float32, in a model's loss", at: .normal(3, 4), perceptron) { $0.mean() },
      .loss("1 % in float32, in a model with batch norm", at: .normal(4, 3), normalized) {
        $0.squared().mean()
      },
      .loss("1 % in float32, in the loss and not the model", at: .normal(3, 4), linear) {
        flawedSine($0).mean()
      },
      GradientCase("a kernel for float32 only") { seed in
        checkGradients(of: SingleSine(), at: [Tensor([0.5, 0.2])], seed: seed)
      },
    ])

  /// 1.01 for float32, and 1 for float64.
  private static func flaw(_ tensor: Tensor) -> Double { tensor.dtype == .float32 ? 1.01 : 1 }

  /// A product in float32 without its digits below 1/1024.
  private static func tenBits(_ product: Tensor) -> Tensor {
    guard product.dtype == .float32 else { return product }
    return (product * 1024).roundedToIntegers() / 1024
  }

  /// The sigmoid as e²ˣ/(e²ˣ + eˣ).
  private static func overflowing(_ e: Tensor) -> Tensor { e * e / (e * e + e) }

  /// A product in float32 without its elements below 0.5.
  private static func flushed(_ product: Tensor) -> Tensor {
    guard product.dtype == .float32 else { return product }
    return product.select(where: product.magnitude() .> 0.5, otherwise: 0)
  }

  @Sendable
  fileprivate static func flawedSine(_ x: Tensor) -> Tensor {
    let operation = RuleOperation(
      "flawedSine", { $0[0].sin() },
      pullback: { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        rule.set(0, to: g * x.cos() * flaw(g))
      })
    return operation(x)
  }
}

// MARK: Models

extension CaseKind {
  @Sendable
  private static func linear(_ generator: inout Philox) -> Linear {
    Linear(4, 2, using: &generator)
  }

  @Sendable
  private static func perceptron(_ generator: inout Philox) -> some Layer {
    Sequential {
      Linear(4, 3, using: &generator)
      FlawedSine()
      Linear(3, 2, using: &generator)
    }
  }

  @Sendable
  private static func rectified(_ generator: inout Philox) -> some Layer {
    Sequential {
      ReLU()
      FlawedSine()
    }
  }

  @Sendable
  private static func normalized(_ generator: inout Philox) -> some Layer {
    Sequential {
      Linear(3, 3, bias: false, using: &generator)
      BatchNorm(3)
      FlawedSine()
    }
  }
}

/// The sine, whose gradient is off by 1 % in float32.
private struct FlawedSine: Layer {
  /// The only mode that it is off in; nil for both.
  var mode: Mode?

  mutating func visit(_ visitor: inout Visitor) {}

  func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    self.mode.map { $0 == mode } ?? true ? CaseKind.flawedSine(x) : x.sin()
  }
}

/// The sine, for float32 alone.
private struct SingleSine: Operation {
  var name: String { "singleSine" }
  var elementTypes: ElementTypes { .float32 }
  func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
  func kernel(_ frame: inout KernelFrame<Float>) {
    let x = frame.input(0)
    var y = frame.output(0)
    for i in x.indices { y[i] = Float.sin(x[i]) }
  }
  func pullback(_ rule: inout Pullback) {
    let (x, g) = (rule.input(0), rule.cotangent)
    rule.set(0, to: g * x.cos())
  }
}
