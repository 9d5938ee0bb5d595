import Adjoint
import AdjointNN

/// A small transformer that reads an image row by row.
///
///     images: [N, side·side]   →   [N, 10]
///
/// Norms come before attention and before the perceptron of a block, and before the last layer.
/// Batch norm takes its statistics over all rows of all images.
struct TransformerClassifier: Layer {
  var embedding: Linear
  var places: Tensor
  var blocks: [TransformerBlock]
  var norm: AnyLayer?
  var output: Linear
  private let side: Int

  static let width = 16

  init(_ kind: NormKind?, depth: Int, side: Int, seed: UInt64) {
    var generator = Philox(seed: seed)
    let width = TransformerClassifier.width
    embedding = Linear(side, width, weight: .glorotUniform, using: &generator)
    places = .normal([side, width], deviation: 0.1, using: &generator)
    blocks = (0..<depth).map { _ in TransformerBlock(kind, width, using: &generator) }
    norm = kind.map { $0.layer(width, axis: -1) }
    output = Linear(width, 10, weight: .glorotUniform, using: &generator)
    self.side = side
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("embedding", &embedding)
    visitor.parameter("places", &places)
    visitor.children("blocks", &blocks)
    visitor.child("norm", &norm)
    visitor.child("output", &output)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    var x = embedding(x.reshaped(to: [x.shape[0], side, side]), mode) + places
    for index in blocks.indices { x = blocks[index](x, mode) }
    return output((norm?(x, mode) ?? x).mean(over: 1), mode)
  }
}

/// Attention with two heads and a perceptron, each of which adds to its input.
struct TransformerBlock: Layer {
  var attentionNorm: AnyLayer?
  var projections: Linear
  var attentionOutput: Linear
  var perceptronNorm: AnyLayer?
  var hidden: Linear
  var output: Linear
  private let heads = 2

  init(_ kind: NormKind?, _ width: Int, using generator: inout Philox) {
    attentionNorm = kind.map { $0.layer(width, axis: -1) }
    projections = Linear(width, 3 * width, weight: .glorotUniform, using: &generator)
    attentionOutput = Linear(width, width, weight: .glorotUniform, using: &generator)
    perceptronNorm = kind.map { $0.layer(width, axis: -1) }
    hidden = Linear(width, 2 * width, using: &generator)
    output = Linear(2 * width, width, using: &generator)
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("attentionNorm", &attentionNorm)
    visitor.child("projections", &projections)
    visitor.child("attentionOutput", &attentionOutput)
    visitor.child("perceptronNorm", &perceptronNorm)
    visitor.child("hidden", &hidden)
    visitor.child("output", &output)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let y = x + attentionOutput(attention(attentionNorm?(x, mode) ?? x, mode), mode)
    return y + output(hidden(perceptronNorm?(y, mode) ?? y, mode).relu(), mode)
  }

  private func attention(_ x: Tensor, _ mode: Mode) -> Tensor {
    let (batch, length, width) = (x.shape[0], x.shape[1], x.shape[2])
    let all = projections(x, mode)
      .reshaped(to: [batch, length, 3, heads, width / heads])
      .transposed([2, 0, 3, 1, 4])
    return Tensor.attention(query: all[0], key: all[1], value: all[2])
      .transposed([0, 2, 1, 3])
      .reshaped(to: [batch, length, width])
  }
}
