import Adjoint
import AdjointNN

/// Two hidden layers and a linear one: 64 pixels, 10 digits.
struct Classifier: Layer {
  var hidden: [HiddenLayer]
  var output: Linear

  init(usesBatchNorm: Bool, seed: UInt64) {
    var generator = Philox(seed: seed)
    hidden = [(64, 128), (128, 128)].map { inputs, outputs in
      HiddenLayer(inputs, outputs, usesBatchNorm: usesBatchNorm, using: &generator)
    }
    output = Linear(128, 10, using: &generator)
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.children("hidden", &hidden)
    visitor.child("output", &output)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    var x = x
    for index in hidden.indices { x = hidden[index](x, mode) }
    return output(x, mode)
  }
}

/// Linear, batch norm, relu. Without batch norm, whose shift it would be, the linear layer has a
/// bias.
struct HiddenLayer: Layer {
  var linear: Linear
  var norm: BatchNorm?

  init(_ inputs: Int, _ outputs: Int, usesBatchNorm: Bool, using generator: inout Philox) {
    linear = Linear(inputs, outputs, bias: !usesBatchNorm, using: &generator)
    norm = usesBatchNorm ? BatchNorm(outputs) : nil
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("linear", &linear)
    visitor.child("norm", &norm)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let y = linear(x, mode)
    return (norm?(y, mode) ?? y).relu()
  }
}
