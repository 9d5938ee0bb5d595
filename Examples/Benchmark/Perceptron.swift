import Adjoint
import AdjointNN

/// Linear layers, with batch norm and ReLU after all but the last.
struct Perceptron: Layer {
  var hidden: [Linear]
  var norms: [BatchNorm]
  var output: Linear

  mutating func visit(_ visitor: inout Visitor) {
    visitor.children("hidden", &hidden)
    visitor.children("norms", &norms)
    visitor.child("output", &output)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    var x = x
    for index in hidden.indices {
      x = norms[index](hidden[index](x, mode), mode).relu()
    }
    return output(x, mode)
  }
}

extension Workload {
  /// Training a model with a loss: forward, backward, update. `check` returns the losses of the first
  /// three steps.
  static func training<Model: Layer>(
    _ model: Model, _ optimizer: some Optimizer, operations: Double = 0,
    _ loss: @escaping (inout Model) -> Tensor
  ) -> Workload {
    var (model, optimizer, value) = (model, optimizer, Tensor(0))
    func step() {
      let (loss, gradient) = valueAndGradient(of: &model, loss)
      optimizer.update(&model, along: gradient)
      value = loss
    }
    return Workload(
      step: step,
      check: {
        (0..<3).map { _ in
          step()
          return Double(value)
        }
      }, operations: operations)
  }

  /// A multilayer perceptron on random data.
  static func perceptron(_ extents: [Int], batch: Int) -> Workload {
    var generator = NumpyGenerator(seed: 2)
    let weights = (1..<extents.count).map { index in
      generator.heNormal([extents[index], extents[index - 1]])
    }
    let images = generator.normal(batch * extents[0]).tensor([batch, extents[0]])
    let labels = Tensor(generator.integers(batch, below: 10))
    var unused = Philox(seed: 0)
    let layers = weights.enumerated().map { index, weight in
      var layer = Linear(
        extents[index], extents[index + 1], bias: index == weights.count - 1, using: &unused)
      layer.weight = weight
      return layer
    }
    let model = Perceptron(
      hidden: Array(layers.dropLast()), norms: extents[1..<extents.count - 1].map { BatchNorm($0) },
      output: layers[layers.count - 1])
    // Forward, gradient of the weights, and of the inputs but those of the first layer.
    let products = weights.map { 2 * Double(batch) * Double($0.count) }
    let operations = 3 * products.reduce(0, +) - products[0]
    return training(
      model, SGD(learningRate: 0.01, momentum: 0.9), operations: operations
    ) { model in
      let logits = model(images, .training)
      return softmaxCrossEntropy(logits, labels)
    }
  }
}

extension NumpyGenerator {
  /// Normal weights with the variance 2 / inputs, [outputs, inputs…].
  mutating func heNormal(_ shape: [Int]) -> Tensor {
    let inputs = shape.dropFirst().reduce(1, *)
    return normal(shape.reduce(1, *)).tensor(shape, times: (2 / Double(inputs)).squareRoot())
  }
}
