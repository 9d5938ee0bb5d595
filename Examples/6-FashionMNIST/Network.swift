import Adjoint
import AdjointNN

/// Two blocks of convolution, batch norm, relu and pooling, and a linear layer.
///
///     images: [N, 1, side, side]   →   [N, 10]
struct Network: Layer {
  var blocks: [Block]
  var dropout: Dropout
  var output: Linear

  init(side: Int, widths: [Int], using generator: inout Philox) {
    blocks = zip([1] + widths, widths).map { Block($0, $1, using: &generator) }
    dropout = Dropout(rate: 0.25, using: &generator)
    // Each block halves the side, rounded down.
    let last = widths.reduce(side) { side, _ in side / 2 }
    output = Linear(widths[widths.count - 1] * last * last, 10, using: &generator)
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.children("blocks", &blocks)
    visitor.child("dropout", &dropout)
    visitor.child("output", &output)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    var x = x
    for index in blocks.indices { x = blocks[index](x, mode) }
    return output(dropout(x.flattened(from: 1), mode), mode)
  }
}

/// Convolution, batch norm, relu, and the largest of each 2×2 pixels.
struct Block: Layer {
  var convolution: Conv2D
  var norm: BatchNorm
  var pool = MaxPool2D(2)

  init(_ inputs: Int, _ outputs: Int, using generator: inout Philox) {
    // The shift of the norm is the bias.
    convolution = Conv2D(inputs, outputs, kernel: 3, padding: 1, bias: false, using: &generator)
    norm = BatchNorm(outputs)
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("convolution", &convolution)
    visitor.child("norm", &norm)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    pool(norm(convolution(x, mode), mode).relu(), mode)
  }
}
