import Adjoint
import AdjointNN

/// A recurrent network, and a linear layer of its state after the last step.
private struct SequenceClassifier: Layer {
  var memory: LSTM
  var output: Linear

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("memory", &memory)
    visitor.child("output", &output)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let states = memory(x, mode)
    return output(states.slice(x.shape[1] - 1..<x.shape[1], along: 1).squeezed(at: [1]), mode)
  }
}

extension Workload {
  /// Two layers of an LSTM on 32 sequences of 64 steps, trained by Adam.
  static func recurrence() -> Workload {
    let (batch, steps, inputs, features, classes) = (32, 64, 64, 256, 10)
    var generator = NumpyGenerator(seed: 13)
    var unused = Philox(seed: 0)
    func uniform(_ shape: [Int]) -> Tensor {
      generator.uniform(shape.reduce(1, *), from: -1, to: 1)
        .map { $0 / Double(features).squareRoot() }.tensor(shape)
    }
    var memory = LSTM(inputs, features, layers: 2, using: &unused)
    for layer in memory.layers.indices {
      let width = layer == 0 ? inputs : features
      memory.layers[layer].forward.inputWeight = uniform([4 * features, width])
      memory.layers[layer].forward.stateWeight = uniform([4 * features, features])
      memory.layers[layer].forward.inputBias = uniform([4 * features])
      memory.layers[layer].forward.stateBias = uniform([4 * features])
    }
    var output = Linear(features, classes, using: &unused)
    output.weight = uniform([classes, features])
    output.bias = uniform([classes])
    let x = generator.normal(batch * steps * inputs).tensor([batch, steps, inputs])
    let labels = Tensor(generator.integers(batch, below: UInt32(classes)))
    let weights = 4 * features * (inputs + 3 * features)
    return training(
      SequenceClassifier(memory: memory, output: output), Adam(learningRate: 1e-3),
      operations: 3 * 2 * Double(batch * steps * weights)
    ) { model in
      let logits = model(x, .training)
      return softmaxCrossEntropy(logits, labels)
    }
  }
}
