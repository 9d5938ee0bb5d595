import Adjoint
import AdjointCheck
import AdjointNN

extension CaseKind {
  /// Right gradients of functions with random numbers, state, integers, or shapes that are rare.
  static let situations = CaseKind(
    "random numbers, state and shapes",
    [
      .function("uniform noise of a fixed key", at: .normal(3, 2)) {
        $0 * .uniform([3, 2], dtype: $0.dtype, key: Philox(seed: 7).key)
      },
      .function("normal noise of a fixed seed", at: .normal(4)) {
        var generator = Philox(seed: 3)
        return ($0 + .normal([4], dtype: $0.dtype, using: &generator)).tanh()
      },
      .function("a mask of random bits", at: .normal(6)) {
        let bits = Tensor.uniform([6], dtype: $0.dtype, key: Philox(seed: 1).key) .> 0.4
        return $0.exp().select(where: bits, otherwise: 0)
      },
      .function("a permutation of a fixed seed", at: .normal(5)) {
        var generator = Philox(seed: 9)
        return $0.gather(.permutation(5, using: &generator), along: 0).sin()
      },
      .layer("dropout with a fixed key", at: .normal(3, 4)) { generator in
        Dropout(rate: 0.5, using: &generator)
      },
      .layer("two dropouts", at: .normal(3, 4), dropouts),
      .layer("batch norm whose statistics have run", at: .normal(5, 3), in: .inference, trained),
      .layer("batch norm in training, with statistics that have run", at: .normal(5, 3), trained),
      .layer("a layer that counts its calls", at: .normal(4)) { _ in Counter() },
      .layer("tied weights", at: .normal(2, 3)) { generator in
        Tied(weight: .normal([3, 3], using: &generator))
      },
      .function("labels", at: [.normal(3, 4), .integers(3, 0, 2)]) {
        [$0[0].softmaxCrossEntropy($0[1])]
      },
      .function("places that repeat", at: [.normal(4, 2), .integers(1, 1, 3, 1)]) {
        [$0[0].gather($0[1], along: 0).sin()]
      },
      .function("no places", at: .normal(4, 2)) {
        $0.gather(Tensor([] as [Int]), along: 0)
      }.undecidable,
      .function("a scatter to places that repeat", at: [.normal(4, 2), .integers(1, 1, 3, 1)]) {
        let (x, places) = ($0[0], $0[1])
        let table = Tensor.zeros([4, 2], dtype: x.dtype)
        return [
          vectorJacobianProduct(at: table, cotangent: x.sin()) { $0.gather(places, along: 0) }
            .product
        ]
      },
      .function("one-hot rows of a table", at: [.normal(4, 2), .integers(2, 2, 0)]) {
        [$0[1].oneHot(4, dtype: $0[0].dtype).matMul($0[0])]
      },
      .function("slices that overlap, added up", at: .normal(6)) {
        $0[0..<4] * $0[1..<5] + $0[2..<6]
      },
      .function("scores behind a mask of −∞", at: .normal(3, 3)) {
        let mask = Tensor([0, 1, 1, 0, 0, 1, 0, 0, 0], shape: [3, 3], dtype: $0.dtype)
        return ($0.select(where: mask .== 0, otherwise: -.infinity)).softmax()
      },
      .function("scores with −∞ added", at: .normal(2, 3)) {
        ($0 + Tensor([0, 0, -Double.infinity], dtype: $0.dtype)).softmax()
      },
      .function("an empty tensor's sum", at: .full(0, 3, of: 1)) { $0.sum(over: [0]) }.undecidable,
      .function("an empty tensor beside another", at: [.full(2, 0, of: 1), .normal(2, 3)]) {
        [.concatenated([$0[0], $0[1].sin()], along: 1)]
      },
      .function("rank 0 times rank 2", at: [.normal(), .normal(2, 3)]) { [$0[0] * $0[1].sin()] },
      .function("axes of extent 1", at: [.normal(1, 4, 1), .normal(3, 1, 2)]) { [$0[0] * $0[1]] },
      .function("one element", at: .normal(1, 1, 1)) { $0.exp() },
      .function("a mean over axes of extent 1", at: .normal(3, 1)) {
        $0.variance(over: [1]) + $0.mean(over: [1])
      },
      .function("600 elements", at: .normal(600)) { $0.sin() },
      .function("1000 elements, summed", at: .normal(20, 50)) { $0.squared().tanh().sum() },
      .function("600 elements, of which one counts", at: .normal(600)) { $0[417].exp() },
      .function("an input that is ignored", at: [.normal(3), .normal(3)]) { [$0[0].sin()] },
      .function("an input that one output ignores", at: [.normal(3), .normal(3)]) {
        [$0[0].sin(), $0[0] * $0[1]]
      },
      .function("outputs of which some are constants", at: .normal(3), constants),
      .function("an output of integers beside another", at: [.normal(2, 3)]) {
        [$0[0].exp(), $0[0].argMax()]
      },
      .function("the same output twice", at: [.normal(3)]) {
        let y = $0[0].exp()
        return [y, y]
      },
      .function("an input as an output", at: [.normal(3), .normal(3)]) { [$0[0], $0[1].sin()] },
      .function("one input in both operands", at: .normal(3, 3)) {
        $0.matMul($0) / ($0.squared() + 1)
      },
      .function("ten inputs", at: Array(repeating: .normal(2), count: 10)) { inputs in
        [inputs.dropFirst().reduce(inputs[0]) { ($0 * $1).sin() }]
      },
      .function("batch norm's mean and variance as outputs", at: [.normal(4, 2)]) {
        let ones = Tensor.ones([2], dtype: $0[0].dtype)
        let normalized = $0[0].batchNormalized(scale: ones, shift: ones)
        return [normalized.output, normalized.mean, normalized.variance]
      },
      .function("batch norm's variance alone", at: .normal(4, 2)) {
        let ones = Tensor.ones([2], dtype: $0.dtype)
        return $0.batchNormalized(scale: ones, shift: ones).variance
      },
      .function("a part that does not depend on the input", at: .normal(4)) {
        $0 * Tensor.ones(like: $0).exp().stoppingGradient()
      },
      .function("a place that depends on the input", at: .fixed(0.3, 2, -1)) {
        $0.gather($0.argMax().expanded(at: 0), along: 0).exp()
      },
      .function("a gradient inside a function", at: .normal(3)) { x in
        gradient(at: x) { ($0.sin() * $0).sum() }
      },
      .function("a loop whose length is that of the input", at: .normal(4)) { x in
        (1..<x.count).reduce(x[0]) { state, step in (state * x[step]).tanh() + x[step] }
      },
    ])

  private static let constants: @Sendable (Tensor) -> Tensor = {
    .concatenated([$0.sin(), .ones([2], dtype: $0.dtype)], along: 0)
  }

  @Sendable
  private static func dropouts(_ generator: inout Philox) -> some Layer {
    Sequential {
      Dropout(rate: 0.2, using: &generator)
      Linear(4, 3, using: &generator)
      Dropout(rate: 0.5, using: &generator)
    }
  }

  @Sendable
  private static func trained(_ generator: inout Philox) -> BatchNorm {
    var norm = BatchNorm(3)
    for _ in 0..<3 {
      _ = norm(.normal([8, 3], mean: 2, deviation: 3, using: &generator), .training)
    }
    return norm
  }
}

/// A factor that grows with each call, and starts anew with each evaluation of a check.
private struct Counter: Layer {
  var weight = Tensor([1, 2, 3, 4])
  var count = Tensor(1)

  mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("weight", &weight)
    visitor.buffer("count", &count)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    count = count.detached + 1
    return (x * weight).sin() * count
  }
}

/// Encodes and decodes with one weight, which it names twice.
private struct Tied: Layer {
  var weight: Tensor

  mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("encoder", &weight)
    visitor.parameter("decoder", &weight)
  }

  func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.matMul(weight).tanh().matMul(weight, transposingOther: true)
  }
}
