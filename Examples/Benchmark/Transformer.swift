import Adjoint
import AdjointNN

/// A transformer block with layer norm before attention and before the perceptron.
private struct TransformerBlock: Layer {
  var attentionNorm: LayerNorm
  var projections: Linear
  var attentionOutput: Linear
  var perceptronNorm: LayerNorm
  var hidden: Linear
  var output: Linear
  let heads: Int

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("attentionNorm", &attentionNorm)
    visitor.child("projections", &projections)
    visitor.child("attentionOutput", &attentionOutput)
    visitor.child("perceptronNorm", &perceptronNorm)
    visitor.child("hidden", &hidden)
    visitor.child("output", &output)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let y = x + attentionOutput(attention(attentionNorm(x, mode), mode), mode)
    let wide = hidden(perceptronNorm(y, mode), mode).gelu(approximate: true)
    return y + output(wide, mode)
  }

  /// softmax(q·kᵀ/√d)·v for each head.
  private func attention(_ x: Tensor, _ mode: Mode) -> Tensor {
    let (batch, length, width) = (x.shape[0], x.shape[1], x.shape[2])
    let depth = width / heads
    let all = projections(x, mode)
      .reshaped(to: [batch, length, 3, heads, depth])
      .transposed([2, 0, 3, 1, 4])
    let (q, k, v) = (all[0], all[1], all[2])
    let scores = q.matMul(k, transposingOther: true) * (1 / Double(depth).squareRoot())
    return scores.softmax().matMul(v)
      .transposed([0, 2, 1, 3])
      .reshaped(to: [batch, length, width])
  }
}

extension Workload {
  /// A transformer block with a mean squared error, trained by AdamW.
  static func transformer() -> Workload {
    let (batch, length, width, inner) = (8, 128, 256, 1024)
    var generator = NumpyGenerator(seed: 5)
    var unused = Philox(seed: 0)
    func linear(_ inputs: Int, _ outputs: Int) -> Linear {
      var layer = Linear(inputs, outputs, using: &unused)
      layer.weight = generator.normal(inputs * outputs).tensor([outputs, inputs], times: 0.05)
      return layer
    }
    let projections = linear(width, 3 * width)
    let attentionOutput = linear(width, width)
    let hidden = linear(width, inner)
    let output = linear(inner, width)
    let count = batch * length * width
    let x = generator.normal(count).tensor([batch, length, width])
    let target = generator.normal(count).tensor([batch, length, width])
    let model = TransformerBlock(
      attentionNorm: LayerNorm(width), projections: projections, attentionOutput: attentionOutput,
      perceptronNorm: LayerNorm(width), hidden: hidden, output: output, heads: 4)
    let weights = 4 * width * width + 2 * width * inner
    let products = 2 * batch * length * (weights + 2 * length * width)
    return training(
      model, Adam.w(learningRate: 1e-3, weightDecay: 0.01),
      operations: Double(3 * products - 2 * batch * length * 3 * width * width)
    ) { model in
      let prediction = model(x, .training)
      return meanSquaredError(prediction, target)
    }
  }
}
