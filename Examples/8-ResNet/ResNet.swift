import Adjoint
import AdjointNN

/// ResNet-20 for small images: a convolution, three stages of three residual blocks, the mean over each plane, a
/// linear layer.
///
///     images: [N, 3, side, side]   →   [N, classes]
///
/// Source: He, Zhang, Ren & Sun, "Deep residual learning for image recognition" (2015), §4.2, with shortcuts of
/// kind A.
struct ResNet: Layer {
  var stem: Conv2D
  var norm = BatchNorm(16)
  var blocks: [ResidualBlock]
  var output: Linear

  init(classes: Int, using generator: inout Philox) {
    stem = Conv2D(3, 16, kernel: 3, padding: 1, bias: false, using: &generator)
    let widths = [16, 16, 16, 16, 32, 32, 32, 64, 64, 64]
    blocks = zip(widths, widths.dropFirst()).map {
      ResidualBlock($0, $1, using: &generator)
    }
    output = Linear(64, classes, using: &generator)
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("stem", &stem)
    visitor.child("norm", &norm)
    visitor.children("blocks", &blocks)
    visitor.child("output", &output)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    var x = norm(stem(x, mode), mode).relu()
    for index in blocks.indices { x = blocks[index](x, mode) }
    return output(x.mean(over: [2, 3]), mode)
  }
}

/// Two convolutions, to whose result the input is added; where the width grows, planes are halved.
struct ResidualBlock: Layer {
  var first, second: Conv2D
  var firstNorm, secondNorm: BatchNorm
  private let addedPlanes: Int

  init(_ inputs: Int, _ outputs: Int, using generator: inout Philox) {
    addedPlanes = outputs - inputs
    let stride = addedPlanes > 0 ? 2 : 1
    first = Conv2D(
      inputs, outputs, kernel: 3, stride: stride, padding: 1, bias: false, using: &generator)
    second = Conv2D(outputs, outputs, kernel: 3, padding: 1, bias: false, using: &generator)
    (firstNorm, secondNorm) = (BatchNorm(outputs), BatchNorm(outputs))
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("first", &first)
    visitor.child("firstNorm", &firstNorm)
    visitor.child("second", &second)
    visitor.child("secondNorm", &secondNorm)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let y = firstNorm(first(x, mode), mode).relu()
    return (secondNorm(second(y, mode), mode) + shortcut(x, mode)).relu()
  }

  /// The input itself; every second pixel of it and planes of zeros, where the result is smaller and wider.
  private func shortcut(_ x: Tensor, _ mode: Mode) -> Tensor {
    guard addedPlanes > 0 else { return x }
    return MaxPool2D(1, stride: 2)(x, mode)
      .padded(before: [0, 0, 0, 0], after: [0, addedPlanes, 0, 0])
  }
}
