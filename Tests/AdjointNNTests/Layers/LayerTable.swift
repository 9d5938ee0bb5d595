import Adjoint
import AdjointCheck
import AdjointNN

/// A layer of the package at an input, for what every layer has to satisfy.
struct LayerSample: Sendable, CustomStringConvertible {
  let description: String
  let layer: any Layer
  let x: Tensor
  /// What is looked at, where the rest is what other samples show; nil for all.
  let inputs: [String]?

  init(
    _ name: String, _ layer: any Layer, _ shape: [Int], checking inputs: [String]? = nil
  ) {
    (description, self.layer, x) = (name, layer, batch(shape))
    self.inputs = inputs
  }

  /// A layer whose parameters are drawn.
  init(
    _ name: String, _ shape: [Int], checking inputs: [String]? = nil,
    _ make: (inout Philox) -> any Layer
  ) {
    var generator = Philox(seed: 11)
    self.init(name, make(&generator), shape, checking: inputs)
  }

  /// Every layer.
  static let all: [LayerSample] =
    composition + normalization + convolutions + pooling + activations + others
    + sequences
}

extension LayerSample {
  static let composition: [LayerSample] = [
    LayerSample("Sequential", [3, 2], checking: ["x", "0.weight", "4"]) { generator in
      Sequential {
        Linear(2, 3, using: &generator)
        for _ in 0..<2 { Tanh() }
        if true { LayerNorm(3) } else { ReLU() }
        [BatchNorm(3), Lambda { x in x.squared() }] as [any Layer]
      }
    },
    LayerSample("Residual", [3, 2]) { generator in
      Residual {
        Linear(2, 3, using: &generator)
        Tanh()
      } shortcut: {
        Linear(2, 3, using: &generator)
      }
    },
    LayerSample("DenseConnection", [3, 2]) { generator in
      DenseConnection { Linear(2, 3, using: &generator) }
    },
    LayerSample("AnyLayer", AnyLayer(LayerNorm(2)), [3, 2]),
    LayerSample("Frozen", Frozen(BatchNorm(2)), [3, 2]),
    LayerSample("Linear", [3, 2]) { Linear(2, 3, using: &$0) },
  ]

  static let normalization: [LayerSample] = [
    LayerSample("BatchNorm", BatchNorm(3), [4, 3, 2]),
    LayerSample("BatchNorm of Keras", BatchNorm(3, convention: .keras), [4, 2, 3]),
    LayerSample("BatchNorm, running", running, [5, 3]),
    LayerSample("BatchNorm, batch", batchAlways, [5, 3]),
    LayerSample("BatchRenorm", BatchRenorm(2, largestRatio: 3, largestOffset: 5), [4, 2]),
    LayerSample("GhostBatchNorm", GhostBatchNorm(BatchNorm(2), size: 3), [7, 2]),
    LayerSample("GroupNorm", GroupNorm(2, 4), [2, 4, 3]),
    LayerSample("InstanceNorm", InstanceNorm(2, scale: true, shift: true), [2, 2, 3]),
    LayerSample(
      "InstanceNorm with running statistics", InstanceNorm(2, runningStatistics: true), [2, 2, 3]),
    LayerSample("LayerNorm", LayerNorm([2, 3]), [2, 2, 3]),
    LayerSample("RMSNorm", RMSNorm(4), [2, 3, 4]),
  ]

  private static var running: BatchNorm {
    var norm = BatchNorm(3)
    norm.statistics = .running
    return norm
  }

  private static var batchAlways: BatchNorm {
    var norm = BatchNorm(3)
    norm.statistics = .batch
    return norm
  }
}

extension LayerSample {
  static let convolutions: [LayerSample] = [
    LayerSample("Conv1D", [1, 2, 5]) {
      Conv1D(2, 2, kernel: 2, stride: 2, padding: 1, using: &$0)
    },
    LayerSample("Conv2D, same", [1, 1, 3, 4]) {
      Conv2D(1, 2, kernel: [2, 3], stride: [1, 2], padding: .same, using: &$0)
    },
    LayerSample("Conv2D, depthwise", [1, 2, 3, 3]) {
      Conv2D(depthwise: 2, multiplier: 2, kernel: 2, using: &$0)
    },
    LayerSample("SeparableConv2D", [1, 2, 3, 3]) {
      SeparableConv2D(2, 3, kernel: 2, using: &$0)
    },
    LayerSample("Conv3D", [1, 1, 2, 3, 2]) { Conv3D(1, 2, kernel: 2, using: &$0) },
    LayerSample("ConvTranspose1D", [1, 2, 3]) {
      ConvTranspose1D(2, 4, kernel: 3, stride: 2, outputPadding: 1, groups: 2, using: &$0)
    },
    LayerSample("ConvTranspose2D", [1, 1, 2, 2]) {
      ConvTranspose2D(1, 2, kernel: [2, 3], stride: [2, 1], padding: [0, 1], using: &$0)
    },
    LayerSample("ConvTranspose3D", [1, 1, 2, 2, 2]) {
      ConvTranspose3D(1, 1, kernel: 2, using: &$0)
    },
    LayerSample("Upsample", Upsample(by: 2, .linear), [1, 1, 2, 3]),
    LayerSample("PixelShuffle", PixelShuffle(2), [1, 4, 1, 2]),
    LayerSample("PixelUnshuffle", PixelUnshuffle(2), [1, 1, 2, 4]),
    LayerSample("Padding", Padding([1, 2], .reflection), [1, 1, 3, 3]),
    LayerSample("Padding, edges", Padding(before: 2, after: 1, .edge), [2, 1, 2]),
  ]

  static let pooling: [LayerSample] = [
    LayerSample("MaxPool1D", MaxPool1D(2), [1, 1, 5]),
    LayerSample("MaxPool2D", MaxPool2D([2, 3], stride: 2, padding: .same), [1, 1, 3, 4]),
    LayerSample("MaxPool3D", MaxPool3D(2, stride: 1), [1, 1, 2, 2, 3]),
    LayerSample("AveragePool1D", AveragePool1D(2, padding: 1), [1, 1, 4]),
    LayerSample(
      "AveragePool2D", AveragePool2D(2, stride: [1, 2], padding: 1, countingPadding: true),
      [1, 1, 3, 3]),
    LayerSample("AveragePool3D", AveragePool3D(2), [1, 1, 2, 2, 4]),
    LayerSample("PowerPool1D", PowerPool1D(2, p: 3), [1, 1, 4]),
    LayerSample("PowerPool2D", PowerPool2D(2), [1, 1, 2, 4]),
    LayerSample("PowerPool3D", PowerPool3D(2, p: 1), [1, 1, 2, 2, 2]),
    LayerSample("GlobalAveragePool", GlobalAveragePool(), [2, 2, 3]),
    LayerSample("GlobalMaxPool", GlobalMaxPool(keepingAxes: true), [1, 2, 2, 2]),
    LayerSample("GlobalPowerPool", GlobalPowerPool(p: 3), [1, 2, 3]),
    LayerSample("AdaptiveAveragePool", AdaptiveAveragePool(to: [2, 3]), [1, 1, 3, 4]),
    LayerSample("AdaptiveMaxPool", AdaptiveMaxPool(to: 2), [1, 1, 3, 3]),
  ]

  static let activations: [LayerSample] = functions.map { LayerSample($0, $1, [2, 4]) }

  private static let functions: [(String, any Layer)] = [
    ("ReLU", ReLU()), ("ReLU6", ReLU6()), ("LeakyReLU", LeakyReLU()),
    ("ThresholdedReLU", ThresholdedReLU()), ("HardTanh", HardTanh()),
    ("HardSigmoid", HardSigmoid()), ("HardSwish", HardSwish()), ("ELU", ELU(alpha: 0.5)),
    ("CELU", CELU(alpha: 2)), ("SELU", SELU()), ("GELU", GELU()), ("SiLU", SiLU()),
    ("GELU by tanh", GELU(approximate: true)), ("Mish", Mish()), ("Sigmoid", Sigmoid()),
    ("LogSigmoid", LogSigmoid()), ("Tanh", Tanh()), ("Softplus", Softplus()),
    ("HardShrink", HardShrink(0.3)), ("SoftShrink", SoftShrink(0.3)), ("TanhShrink", TanhShrink()),
    ("Softsign", Softsign()), ("Softmax", Softmax()), ("Softmin", Softmin()),
    ("LogSoftmax", LogSoftmax()),
    ("GLU", GLU()), ("PReLU", PReLU()), ("PReLU of channels", PReLU(4)), ("Flatten", Flatten()),
    ("Reshape", Reshape(to: [2, 2])), ("Identity", Identity()),
    ("Lambda", Lambda { x in x.exp() }),
  ]

  static let others: [LayerSample] = [
    LayerSample("RReLU", [2, 4]) { RReLU(using: &$0) },
    LayerSample("Dropout", [2, 4]) { Dropout(rate: 0.5, using: &$0) },
    LayerSample("Dropout of channels", [2, 2, 2]) {
      Dropout(rate: 0.5, of: .channels, using: &$0)
    },
    LayerSample("Dropout of samples", [4, 2]) { Dropout(rate: 0.5, of: .samples, using: &$0) },
  ]

  static let sequences: [LayerSample] = [
    LayerSample("MultiHeadAttention", [1, 3, 4]) {
      MultiHeadAttention(4, heads: 2, using: &$0)
    },
    LayerSample("MultiHeadAttention, causal, shared heads, rotary, dropout", [1, 3, 4]) {
      MultiHeadAttention(
        4, heads: 2, sharedHeads: 1, isCausal: true, rotary: RotaryEncoding(), dropout: 0.3,
        bias: false, using: &$0)
    },
    LayerSample("SinusoidalEncoding", SinusoidalEncoding(), [1, 3, 4]),
    LayerSample("RotaryEncoding", RotaryEncoding(interleaved: true), [1, 3, 4]),
    LayerSample("LearnedPositions", [1, 3, 2]) { LearnedPositions(4, 2, using: &$0) },
    LayerSample("TransformerEncoderLayer", [1, 2, 2], checking: ["x", "norm1", "linear1.weight"]) {
      TransformerEncoderLayer(
        2, heads: 1,
        TransformerOptions(inner: 2, activation: GELU(), norm: .rootMeanSquare, isCausal: true),
        using: &$0)
    },
    LayerSample("TransformerEncoder", [2, 2, 2], checking: ["x", "layers.0.norm2"]) {
      TransformerEncoder(
        2, heads: 1, layers: 1,
        TransformerOptions(
          inner: 2, activation: Tanh(), dropout: 0, normPlace: .after, norm: .batch),
        using: &$0)
    },
    LayerSample("RNN", [1, 2, 2], checking: ["x", "layers.0.reverse"]) {
      RNN(2, 2, isBidirectional: true, using: &$0)
    },
    LayerSample("GRU", [1, 2, 2]) { GRU(2, 2, using: &$0) },
    LayerSample("LSTM", [1, 2, 2], checking: ["x", "layers.0"]) {
      LSTM(2, 2, layers: 2, dropout: 0.3, using: &$0)
    },
    LayerSample("LSTM, projected", [1, 2, 2], checking: ["x", "layers.0"]) {
      LSTM(2, 3, projectionSize: 2, using: &$0)
    },
  ]
}
