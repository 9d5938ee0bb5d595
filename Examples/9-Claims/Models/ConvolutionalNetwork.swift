import Adjoint
import AdjointNN

/// Two blocks of convolution, normalization, relu and pooling; the mean over each plane; a linear
/// layer.
///
///     images: [N, side·side]   →   [N, 10]
struct ConvolutionalNetwork: Layer {
  var blocks: [ConvolutionalBlock]
  var output: Linear
  private let side: Int

  init(normalized: Bool, normsBefore: Bool = true, side: Int, seed: UInt64) {
    var generator = Philox(seed: seed)
    blocks = [(1, 8), (8, 16)].map { inputs, outputs in
      ConvolutionalBlock(
        inputs, outputs, normalized: normalized, normsBefore: normsBefore, using: &generator)
    }
    output = Linear(16, 10, using: &generator)
    self.side = side
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.children("blocks", &blocks)
    visitor.child("output", &output)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    var x = x.reshaped(to: [x.shape[0], 1, side, side])
    for index in blocks.indices { x = blocks[index](x, mode) }
    return output(x.mean(over: [2, 3]), mode)
  }
}

/// Convolution, batch norm if wanted, relu, and the largest of each 2×2 pixels.
struct ConvolutionalBlock: Layer {
  var convolution: Conv2D
  var norm: BatchNorm?
  private let normsBefore: Bool

  init(
    _ inputs: Int, _ outputs: Int, normalized: Bool, normsBefore: Bool,
    using generator: inout Philox
  ) {
    convolution = Conv2D(
      inputs, outputs, kernel: 3, padding: 1, bias: !normalized || !normsBefore, using: &generator)
    norm = normalized ? BatchNorm(outputs) : nil
    self.normsBefore = normsBefore
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("convolution", &convolution)
    visitor.child("norm", &norm)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    var y = convolution(x, mode)
    if normsBefore { y = norm?(y, mode) ?? y }
    y = y.relu()
    if !normsBefore { y = norm?(y, mode) ?? y }
    return MaxPool2D(2)(y, mode)
  }
}
