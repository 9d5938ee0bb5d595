import Adjoint
import AdjointCheck
import AdjointNN

extension CaseKind {
  /// The package's layers, and small models of them.
  static let layers = CaseKind(
    "layers and models",
    [
      .layer("Linear", at: .normal(3, 4)) { Linear(4, 2, using: &$0) },
      .layer("Linear without a bias", at: .normal(2, 3, 4)) {
        Linear(4, 2, bias: false, using: &$0)
      },
      .layer("Conv2D", at: image) { Conv2D(2, 3, kernel: 2, using: &$0) },
      .layer("Conv2D with strides and padding", at: image) {
        Conv2D(2, 2, kernel: 3, stride: 2, padding: 1, using: &$0)
      },
      .layer("Conv2D in groups", at: image) {
        Conv2D(2, 4, kernel: 2, groups: 2, bias: false, using: &$0)
      },
      .layer("Conv2D with dilation", at: image) {
        Conv2D(2, 1, kernel: 2, dilation: 2, using: &$0)
      },
      .layer("BatchNorm in training", at: .normal(5, 3)) { _ in BatchNorm(3) },
      .layer("BatchNorm in inference", at: .normal(5, 3), in: .inference) { _ in BatchNorm(3) },
      .layer("BatchNorm of images", at: image) { _ in BatchNorm(2) },
      .layer("BatchNorm with channels last", at: .normal(2, 3, 2)) { _ in BatchNorm(2, axis: -1) },
      .layer("BatchNorm without scale and shift", at: .normal(5, 3)) { _ in
        BatchNorm(3, scale: false, shift: false)
      },
      .layer("BatchNorm with cumulative averages", at: .normal(5, 3)) { _ in
        BatchNorm(3, averaging: .cumulative)
      },
      .layer("LayerNorm", at: .normal(3, 4)) { _ in LayerNorm(4) },
      .layer("Dropout in inference", at: .normal(3, 4), in: .inference) {
        Dropout(rate: 0.5, using: &$0)
      },
      .layer("MaxPool2D", at: image) { _ in MaxPool2D(2) },
      .layer("MaxPool2D with overlaps and padding", at: image) { _ in
        MaxPool2D(3, stride: 1, padding: 1)
      },
      .layer("AveragePool2D", at: image) { _ in AveragePool2D(2, stride: 2, padding: 1) },
      .layer("ReLU", at: .normal(3, 4)) { _ in ReLU() },
      .layer("LeakyReLU", at: .normal(3, 4)) { _ in LeakyReLU(slope: 0.2) },
      .layer("ELU", at: .normal(3, 4)) { _ in ELU(alpha: 0.7) },
      .layer("GELU by tanh", at: .normal(3, 4)) { _ in GELU(approximate: true) },
      .layer("SiLU", at: .normal(3, 4)) { _ in SiLU() },
      .layer("Sigmoid", at: .normal(3, 4)) { _ in Sigmoid() },
      .layer("Tanh", at: .normal(3, 4)) { _ in Tanh() },
      .layer("Flatten", at: image) { _ in Flatten() },
      .function("GroupNorm", at: [.normal(2, 4, 3), .normal(4), .normal(4)]) {
        [$0[0].groupNormalized(groups: 2, scale: $0[1], shift: $0[2])]
      },
      .function("RMSNorm", at: [.normal(3, 4), .normal(4)]) {
        [$0[0].rootMeanSquareNormalized(scale: $0[1])]
      },
      .function(
        "causal attention with scores 30 apart",
        at: [.normal(1, 2, 3, 4, deviation: 30), .normal(1, 2, 3, 4), .normal(1, 2, 3, 4)]
      ) {
        [Tensor.attention(query: $0[0], key: $0[1], value: $0[2], isCausal: true)]
      },
      .function("a transposed convolution", at: [.normal(1, 2, 3), .normal(2, 1, 3)]) {
        [$0[0].convolvedTransposed(with: $0[1], strides: [2], padding: [1])]
      },
      .layer("a perceptron", at: .normal(3, 4), perceptron),
      .layer(
        "a perceptron with batch norm, in inference", at: .normal(4, 4), in: .inference, network),
      .layer("a residual block with batch norm", at: .normal(2, 2, 3, 3), residual),
      .layer("a residual block in inference", at: .normal(2, 2, 3, 3), in: .inference, residual),
      .layer("a transformer block", at: .normal(3, 4)) { TransformerBlock(4, using: &$0) },
      .layer("BatchRenorm in training", at: .normal(6, 2)) { _ in
        BatchRenorm(2, largestRatio: 3, largestOffset: 5)
      },
      .layer("BatchRenorm in training, at second order", at: .normal(5, 2), order: 2) { _ in
        BatchRenorm(2, largestRatio: 3, largestOffset: 5)
      },
      .layer("a saturated GRU", at: .normal(2, 3, 3)) { generator in
        saturated(GRU(3, 3, using: &generator), using: &generator)
      },
      .layer("a saturated LSTM", at: .normal(2, 3, 3)) { generator in
        saturated(LSTM(3, 3, using: &generator), using: &generator)
      },
      .loss("the mean squared error of a perceptron", at: .normal(3, 4), perceptron) {
        meanSquaredError($0, .ones(like: $0))
      },
      .loss("the cross-entropy of a network", at: .normal(4, 4), network) {
        softmaxCrossEntropy($0, .places(0, 2, 1, 0))
      },
      .loss(
        "the cross-entropy of a network, in inference", at: .normal(4, 4), in: .inference, network
      ) {
        softmaxCrossEntropy($0, .places(0, 2, 1, 0))
      },
      .loss("the cross-entropy of a convolutional network", at: .normal(2, 1, 4, 4), convolutional)
      {
        softmaxCrossEntropy($0, .places(1, 0))
      },
      GradientCase("a network with batch norm and relu") { seed in
        var generator = Philox(seed: seed)
        let x = Tensor.normal([8, 4], dtype: .float64, using: &generator)
        return checkGradients(of: network(&generator), at: x, .training, seed: seed)
      },
    ])

  private static let image = CaseInput.normal(2, 2, 4, 4)

  /// The network with weights and biases so large that nearly all gates are open or closed.
  private static func saturated<Gates: RecurrentGates>(
    _ network: Recurrent<Gates>, using generator: inout Philox
  ) -> Recurrent<Gates> {
    var network = network
    func large(_ tensor: Tensor) -> Tensor {
      .normal(tensor.shape, deviation: 20, using: &generator)
    }
    for place in network.layers.indices {
      var weights = network.layers[place].forward
      weights.inputWeight = large(weights.inputWeight)
      weights.stateWeight = large(weights.stateWeight)
      weights.inputBias = weights.inputBias.map(large)
      weights.stateBias = weights.stateBias.map(large)
      network.layers[place].forward = weights
    }
    return network
  }

  @Sendable
  private static func perceptron(_ generator: inout Philox) -> some Layer {
    Sequential {
      Linear(4, 3, using: &generator)
      Tanh()
      Linear(3, 2, using: &generator)
    }
  }

  @Sendable
  private static func network(_ generator: inout Philox) -> some Layer {
    Sequential {
      Linear(4, 6, bias: false, using: &generator)
      BatchNorm(6)
      ReLU()
      Linear(6, 3, using: &generator)
    }
  }

  @Sendable
  private static func convolutional(_ generator: inout Philox) -> some Layer {
    Sequential {
      Conv2D(1, 2, kernel: 3, padding: 1, bias: false, using: &generator)
      BatchNorm(2)
      ReLU()
      MaxPool2D(2)
      Flatten()
      Linear(8, 2, using: &generator)
    }
  }

  @Sendable
  private static func residual(_ generator: inout Philox) -> ResidualBlock {
    ResidualBlock(
      convolution: Conv2D(2, 2, kernel: 3, padding: 1, bias: false, using: &generator),
      norm: BatchNorm(2))
  }
}

/// relu(x + norm(convolution(x))).
private struct ResidualBlock: Layer {
  var convolution: Conv2D
  var norm: BatchNorm

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("convolution", &convolution)
    visitor.child("norm", &norm)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    (x + norm(convolution(x, mode), mode)).relu()
  }
}

/// Attention of one head and a perceptron, each around a residual and after a layer norm.
private struct TransformerBlock: Layer {
  var (queries, keys, values): (Linear, Linear, Linear)
  var (hidden, output): (Linear, Linear)
  var (first, second): (LayerNorm, LayerNorm)

  init(_ width: Int, using generator: inout Philox) {
    func linear() -> Linear { Linear(width, width, using: &generator) }
    (queries, keys, values, hidden, output) = (linear(), linear(), linear(), linear(), linear())
    (first, second) = (LayerNorm(width), LayerNorm(width))
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("queries", &queries)
    visitor.child("keys", &keys)
    visitor.child("values", &values)
    visitor.child("hidden", &hidden)
    visitor.child("output", &output)
    visitor.child("first", &first)
    visitor.child("second", &second)
  }

  func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let y = first(x, mode)
    let scores = queries(y, mode).matMul(keys(y, mode), transposingOther: true)
    let z = x + (scores * 0.5).softmax().matMul(values(y, mode))
    return z + output(hidden(second(z, mode), mode).gelu(), mode)
  }
}
