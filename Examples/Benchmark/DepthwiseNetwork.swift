import Adjoint
import AdjointNN

/// A convolution of each channel by itself, then one of single pixels across the channels.
private struct SeparableBlock: Layer {
  var depthwise: Conv2D
  var depthwiseNorm: BatchNorm
  var pointwise: Conv2D
  var pointwiseNorm: BatchNorm

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("depthwise", &depthwise)
    visitor.child("depthwiseNorm", &depthwiseNorm)
    visitor.child("pointwise", &pointwise)
    visitor.child("pointwiseNorm", &pointwiseNorm)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let y = depthwiseNorm(depthwise(x, mode), mode).relu()
    return pointwiseNorm(pointwise(y, mode), mode).relu()
  }
}

extension Workload {
  /// A network of depthwise separable convolutions on random images of 64 by 64.
  static func depthwiseNetwork() -> Workload {
    var generator = NumpyGenerator(seed: 14)
    var unused = Philox(seed: 0)
    let stem = generator.convolution(3, 32, 3, stride: 2)
    var side = 32
    var operations = 2.0 * 2 * Double(32 * 27 * side * side)
    let blocks = [(32, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2)].map {
      inputs, outputs, stride in
      side /= stride
      operations += 3 * 2 * Double((9 * inputs + inputs * outputs) * side * side)
      return SeparableBlock(
        depthwise: generator.convolution(inputs, inputs, 3, stride: stride, groups: inputs),
        depthwiseNorm: BatchNorm(inputs), pointwise: generator.convolution(inputs, outputs, 1),
        pointwiseNorm: BatchNorm(outputs))
    }
    var output = Linear(256, 10, using: &unused)
    output.weight = generator.heNormal([10, 256])
    let images = generator.normal(32 * 3 * 64 * 64).tensor([32, 3, 64, 64])
    let labels = Tensor(generator.integers(32, below: 10))
    return training(
      BlockNetwork(stem: stem, stemNorm: BatchNorm(32), blocks: blocks, output: output),
      SGD(learningRate: 0.01, momentum: 0.9), operations: 32 * operations
    ) { model in
      let logits = model(images, .training)
      return softmaxCrossEntropy(logits, labels)
    }
  }
}
