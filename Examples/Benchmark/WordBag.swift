import Adjoint
import AdjointNN

/// The mean of the embeddings of some words, and a linear layer to all words.
private struct WordBag: Layer {
  var words: Tensor
  var output: Linear

  mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("words", &words)
    visitor.child("output", &output)
  }

  /// The logits [batch, words] of words [batch, length].
  mutating func callAsFunction(_ text: Tensor, _ mode: Mode) -> Tensor {
    output(words.gather(text, along: 0).mean(over: [1]), mode)
  }
}

extension Workload {
  /// Bags of 16 out of 32 000 words, 64 at once, each with a word to tell.
  static func wordBag() -> Workload {
    let (words, width, length, batch) = (32_000, 128, 16, 64)
    var generator = NumpyGenerator(seed: 15)
    let embeddings = generator.normal(words * width).tensor([words, width])
    let output = generator.linear(width, words, deviation: 0.05)
    let text = Tensor(
      generator.integers(batch * length, below: UInt32(words)), shape: [batch, length])
    let labels = Tensor(generator.integers(batch, below: UInt32(words)))
    return training(
      WordBag(words: embeddings, output: output), SGD(learningRate: 0.1),
      operations: 3 * 2 * Double(batch * width * words)
    ) { model in
      let logits = model(text, .training)
      return softmaxCrossEntropy(logits, labels)
    }
  }
}
