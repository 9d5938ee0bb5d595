// What this teaches: an operation of your own with a hand-written gradient, a layer of your own
// around it, and how both are checked.
//
//     swift run CustomLayer

import Adjoint
import AdjointCheck
import AdjointNN

require(CommandLine.arguments.count == 1, "CustomLayer: takes no options")

/// x·sigmoid(βx), Swish with a slope β that is trained.
struct Swish: Operation {
  var name: String { "swish" }
  func outputTypes(for inputs: [TensorType]) -> [TensorType] { [inputs[0]] }
  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, beta) = (frame.input(0), frame.input(1))
    var y = frame.output(0)
    for i in x.indices { y[i] = x[i] / (1 + .exp(-beta[0] * x[i])) }
  }
  func pullback(_ rule: inout Pullback) {
    let (x, beta, y, g) = (rule.input(0), rule.input(1), rule.output(), rule.cotangent)
    let s = (beta * x).sigmoid()
    rule.set(0, to: g.scaled(by: s + beta * y * (1 - s)))
    rule.set(1, to: g.scaled(by: x * y * (1 - s)).sum())
  }
}

/// The layer: a parameter, its name, and what it computes.
struct SwishLayer: Layer {
  var beta = Tensor(1)
  mutating func visit(_ visitor: inout Visitor) { visitor.parameter("beta", &beta) }
  func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { Swish()(x, beta) }
}

var generator = Philox(seed: 1)
let x = Tensor.normal([4, 3], using: &generator)

// The operation is checked at first and second order, in float64, though it was written for any
// type.
let operation = checkGradients(of: Swish(), at: [x, Tensor(0.7)], order: 2)
print(operation)
precondition(operation.passed)

// The layer is checked with respect to its parameter and its input.
let layer = checkGradients(of: SwishLayer(), at: x, .training)
print(layer)
precondition(layer.passed)

/// The same with a term forgotten, as it happens: the slope of the sigmoid.
struct ForgetfulSwish: Operation {
  var name: String { "forgetfulSwish" }
  func outputTypes(for inputs: [TensorType]) -> [TensorType] { [inputs[0]] }
  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) { Swish().kernel(&frame) }
  func pullback(_ rule: inout Pullback) {
    let (x, beta, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: g.scaled(by: (beta * x).sigmoid()))
  }
}

// Only the parameter, for a minute at most; and a gradient that is good to six digits would do.
let options = CheckOptions(
  inputs: ["beta"], budget: 60, expectations: [.tolerance("beta", 1e-6)])
print(checkGradients(of: SwishLayer(), at: x, .training, options: options))

// The check of the wrong one fails, and shows where it is furthest off.
let forgetful = checkGradients(of: ForgetfulSwish(), at: [x, Tensor(0.7)])
print(forgetful)
precondition(!forgetful.passed)

// And the layer trains like any other.
var model = Sequential {
  Linear(3, 8, bias: false, using: &generator)
  BatchNorm(8)
  SwishLayer()
  Linear(8, 1, using: &generator)
}
let target = x.squared().sum(over: [1], keepingAxes: true)
var optimizer = Adam(learningRate: 0.05)
for step in 0...100 {
  let (loss, gradient) = valueAndGradient(of: &model) { model in
    meanSquaredError(model(x, .training), target)
  }
  optimizer.update(&model, along: gradient)
  if step.isMultiple(of: 25) { print("step \(step): loss \(Float(loss))") }
}
let layers = model.layers
print("beta is now \(Float(layers.2.beta))")
