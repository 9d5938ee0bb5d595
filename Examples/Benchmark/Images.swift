import Adjoint
import AdjointNN

extension Workload {
  /// A convolution of 3 by 3 with 64 filters and padding 1: forward, and the gradients of the images
  /// and the filters, which are normal with a deviation, for a given dy.
  static func convolution(_ shape: [Int], deviation: Double, _ dtype: DType) -> Workload {
    let (count, pixels) = (shape.reduce(1, *), shape[0] * shape[2] * shape[3])
    var generator = NumpyGenerator(seed: 7)
    let x = generator.normal(count).tensor(shape, dtype: dtype)
    let weight = generator.normal(64 * shape[1] * 9)
      .tensor([64, shape[1], 3, 3], times: deviation, dtype: dtype)
    let dy = generator.normal(64 * pixels)
      .tensor([shape[0], 64, shape[2], shape[3]], dtype: dtype)
    return .differentiated(
      [x, weight], seed: dy, operations: 3 * 2 * Double(64 * pixels * shape[1] * 9)
    ) { $0[0].convolved(with: $0[1], padding: [1, 1]) }
  }
}

extension NumpyGenerator {
  /// A convolution with He's normal weights and no bias, which keeps the extents but for its stride.
  mutating func convolution(
    _ inputs: Int, _ outputs: Int, _ kernel: Int, stride: Int = 1, groups: Int = 1
  ) -> Conv2D {
    var unused = Philox(seed: 0)
    var layer = Conv2D(
      inputs, outputs, kernel: kernel, stride: stride, padding: kernel / 2, groups: groups,
      bias: false, using: &unused)
    layer.weight = heNormal([outputs, inputs / groups, kernel, kernel])
    return layer
  }
}

/// Two convolutions and two linear layers, with batch norm, ReLU and pooling between them.
private struct SmallNetwork: Layer {
  var first: Conv2D
  var firstNorm = BatchNorm(32)
  var second: Conv2D
  var secondNorm = BatchNorm(64)
  var hidden: Linear
  var hiddenNorm = BatchNorm(128)
  var output: Linear

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("first", &first)
    visitor.child("firstNorm", &firstNorm)
    visitor.child("second", &second)
    visitor.child("secondNorm", &secondNorm)
    visitor.child("hidden", &hidden)
    visitor.child("hiddenNorm", &hiddenNorm)
    visitor.child("output", &output)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let pool = MaxPool2D(2)
    var x = pool(firstNorm(first(x, mode), mode).relu())
    x = pool(secondNorm(second(x, mode), mode).relu())
    x = hiddenNorm(hidden(x.flattened(from: 1), mode), mode).relu()
    return output(x, mode)
  }
}

/// Two convolutions around which the images go as well, scaled down where the block does so.
private struct ResidualBlock: Layer {
  var first: Conv2D
  var firstNorm: BatchNorm
  var second: Conv2D
  var secondNorm: BatchNorm
  var shortcut: Conv2D?
  var shortcutNorm: BatchNorm?

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("first", &first)
    visitor.child("firstNorm", &firstNorm)
    visitor.child("second", &second)
    visitor.child("secondNorm", &secondNorm)
    visitor.child("shortcut", &shortcut)
    visitor.child("shortcutNorm", &shortcutNorm)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let y = secondNorm(second(firstNorm(first(x, mode), mode).relu(), mode), mode)
    guard let shortcut, var norm = shortcutNorm else { return (y + x).relu() }
    let around = norm(shortcut(x, mode), mode)
    shortcutNorm = norm
    return (y + around).relu()
  }
}

/// A convolution, blocks, and a linear layer of the means of all planes: with nine residual ones, ResNet-20.
struct BlockNetwork<Block: Layer>: Layer {
  var stem: Conv2D
  var stemNorm: BatchNorm
  var blocks: [Block]
  var output: Linear

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("stem", &stem)
    visitor.child("stemNorm", &stemNorm)
    visitor.children("blocks", &blocks)
    visitor.child("output", &output)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    var x = stemNorm(stem(x, mode), mode).relu()
    for index in blocks.indices { x = blocks[index](x, mode) }
    return output(x.mean(over: [2, 3]), mode)
  }
}

extension Workload {
  /// A small convolutional network on random images of 28 by 28.
  static func smallNetwork() -> Workload {
    var generator = NumpyGenerator(seed: 3)
    var unused = Philox(seed: 0)
    var (first, second) = (
      Conv2D(1, 32, kernel: 3, padding: 1, bias: false, using: &unused),
      Conv2D(32, 64, kernel: 3, padding: 1, bias: false, using: &unused)
    )
    var (hidden, output) = (
      Linear(3136, 128, bias: false, using: &unused), Linear(128, 10, using: &unused)
    )
    first.weight = generator.heNormal([32, 1, 3, 3])
    second.weight = generator.heNormal([64, 32, 3, 3])
    hidden.weight = generator.heNormal([128, 3136])
    output.weight = generator.heNormal([10, 128])
    let images = generator.normal(64 * 784).tensor([64, 1, 28, 28])
    let labels = Tensor(generator.integers(64, below: 10))
    let model = SmallNetwork(first: first, second: second, hidden: hidden, output: output)
    let counts = [784 * 32 * 9, 196 * 64 * 32 * 9, 3136 * 128, 128 * 10]
    let products = counts.map { 2 * 64 * Double($0) }
    return training(
      model, SGD(learningRate: 0.01, momentum: 0.9),
      operations: 3 * products.reduce(0, +) - products[0]
    ) { model in
      let logits = model(images, .training)
      return softmaxCrossEntropy(logits, labels)
    }
  }

  /// ResNet-20 on random images of 32 by 32.
  static func residualNetwork(_ dtype: DType) -> Workload {
    var generator = NumpyGenerator(seed: 4)
    var unused = Philox(seed: 0)
    let stem = generator.convolution(3, 16, 3)
    var blocks: [ResidualBlock] = []
    var operations = 2.0 * 2 * 1024 * 16 * 27
    var inputs = 16
    for (stage, outputs) in [16, 32, 64].enumerated() {
      for number in 0..<3 {
        let stride = stage > 0 && number == 0 ? 2 : 1
        let first = generator.convolution(inputs, outputs, 3, stride: stride)
        let second = generator.convolution(outputs, outputs, 3)
        blocks.append(
          ResidualBlock(
            first: first, firstNorm: BatchNorm(outputs), second: second,
            secondNorm: BatchNorm(outputs),
            shortcut: stride == 1 ? nil : generator.convolution(inputs, outputs, 1, stride: 2),
            shortcutNorm: stride == 1 ? nil : BatchNorm(outputs)))
        let taps = 9 * (inputs + outputs) + (stride == 1 ? 0 : inputs)
        operations += 3 * 2 * Double(taps * outputs * (1024 >> (2 * stage)))
        inputs = outputs
      }
    }
    var output = Linear(64, 10, using: &unused)
    output.weight = generator.heNormal([10, 64])
    let images = generator.normal(32 * 3072).tensor([32, 3, 32, 32], dtype: dtype)
    let labels = Tensor(generator.integers(32, below: 10))
    let model = BlockNetwork(
      stem: stem, stemNorm: BatchNorm(16), blocks: blocks, output: output)
    return training(
      model.cast(to: dtype), SGD(learningRate: 0.01, momentum: 0.9), operations: 32 * operations
    ) { model in
      let logits = model(images, .training)
      return softmaxCrossEntropy(logits, labels)
    }
  }
}
