import Adjoint
import AdjointNN

/// A GPT of characters: the embeddings of a character and of its place, blocks, a norm, and a linear layer
/// without bias.
private struct LanguageModel: Layer {
  var characters: Tensor
  var places: Tensor
  var blocks: [TransformerBlock]
  var norm: LayerNorm
  var head: Linear

  mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("characters", &characters)
    visitor.parameter("places", &places)
    visitor.children("blocks", &blocks)
    visitor.child("norm", &norm)
    visitor.child("head", &head)
  }

  /// The logits [batch · length, characters] of characters [batch, length].
  mutating func callAsFunction(_ text: Tensor, _ mode: Mode) -> Tensor {
    var x = characters.gather(text, along: 0) + places
    for index in blocks.indices { x = blocks[index](x, mode) }
    return head(norm(x, mode), mode).reshaped(to: [text.count, head.weight.shape[0]])
  }
}

extension Workload {
  /// A GPT on texts of 65 characters, trained by AdamW.
  static func languageModel(
    blocks count: Int, width: Int, heads: Int, length: Int, batch: Int
  ) -> Workload {
    let alphabet = 65
    var generator = NumpyGenerator(seed: 12)
    let deviation = 0.02
    let characters = generator.normal(alphabet * width).tensor([alphabet, width], times: deviation)
    let places = generator.normal(length * width).tensor([length, width], times: deviation)
    let blocks = (0..<count).map { _ in
      var block = TransformerBlock(
        width, heads: heads, inner: 4 * width, deviation: deviation, from: &generator)
      block.isCausal = true
      block.approximatesGelu = false
      return block
    }
    let head = generator.linear(width, alphabet, bias: false, deviation: deviation)
    let text = Tensor(
      generator.integers(batch * (length + 1), below: UInt32(alphabet)), shape: [batch, length + 1])
    let (input, labels) = (
      text.slice(0..<length, along: 1), text.slice(1..<length + 1, along: 1).flattened()
    )
    let weights = count * 12 * width * width + width * alphabet
    let products = 2 * batch * length * (weights + 2 * count * length * width)
    return training(
      LanguageModel(
        characters: characters, places: places, blocks: blocks, norm: LayerNorm(width), head: head),
      Adam.w(learningRate: 1e-3, betas: (0.9, 0.95), weightDecay: 0.1),
      operations: 3 * Double(products)
    ) { model in
      let logits = model(input, .training)
      return softmaxCrossEntropy(logits, labels)
    }
  }
}
