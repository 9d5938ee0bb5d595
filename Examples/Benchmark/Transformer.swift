import Adjoint
import AdjointNN

/// A transformer block with layer norm before attention and before the perceptron.
struct TransformerBlock: Layer {
  var attentionNorm: LayerNorm
  var projections: Linear
  var attentionOutput: Linear
  var perceptronNorm: LayerNorm
  var hidden: Linear
  var output: Linear
  let heads: Int
  /// Whether a position sees only those up to itself.
  var isCausal = false
  /// Whether gelu is taken by way of tanh.
  var approximatesGelu = true

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
    let wide = hidden(perceptronNorm(y, mode), mode).gelu(approximate: approximatesGelu)
    return y + output(wide, mode)
  }

  /// softmax(q·kᵀ/√d)·v for each head.
  private func attention(_ x: Tensor, _ mode: Mode) -> Tensor {
    let (batch, length, width) = (x.shape[0], x.shape[1], x.shape[2])
    let depth = width / heads
    let all = projections(x, mode)
      .reshaped(to: [batch, length, 3, heads, depth])
      .transposed([2, 0, 3, 1, 4])
    return Tensor.attention(query: all[0], key: all[1], value: all[2], isCausal: isCausal)
      .transposed([0, 2, 1, 3])
      .reshaped(to: [batch, length, width])
  }
}

extension TransformerBlock {
  /// A block whose weights are normal.
  init(
    _ width: Int, heads: Int, inner: Int, deviation: Double, from generator: inout NumpyGenerator
  ) {
    projections = generator.linear(width, 3 * width, deviation: deviation)
    attentionOutput = generator.linear(width, width, deviation: deviation)
    hidden = generator.linear(width, inner, deviation: deviation)
    output = generator.linear(inner, width, deviation: deviation)
    (attentionNorm, perceptronNorm) = (LayerNorm(width), LayerNorm(width))
    self.heads = heads
  }
}

extension NumpyGenerator {
  /// A linear layer with normal weights, and no bias or one of zeros.
  mutating func linear(
    _ inputs: Int, _ outputs: Int, bias: Bool = true, deviation: Double
  ) -> Linear {
    var unused = Philox(seed: 0)
    var layer = Linear(inputs, outputs, bias: bias, using: &unused)
    layer.weight = normal(inputs * outputs).tensor([outputs, inputs], times: deviation)
    return layer
  }
}

extension Workload {
  /// A transformer block with a mean squared error, trained by AdamW.
  static func transformer(_ dtype: DType) -> Workload {
    let (batch, length, width, inner) = (8, 128, 256, 1024)
    var generator = NumpyGenerator(seed: 5)
    let block = TransformerBlock(width, heads: 4, inner: inner, deviation: 0.05, from: &generator)
    let count = batch * length * width
    let x = generator.normal(count).tensor([batch, length, width], dtype: dtype)
    let target = generator.normal(count).tensor([batch, length, width], dtype: dtype)
    let weights = 4 * width * width + 2 * width * inner
    let products = 2 * batch * length * (weights + 2 * length * width)
    return training(
      block.cast(to: dtype), Adam.w(learningRate: 1e-3, weightDecay: 0.01),
      operations: Double(3 * products - 2 * batch * length * 3 * width * width)
    ) { model in
      let prediction = model(x, .training)
      return meanSquaredError(prediction, target)
    }
  }
}
