// What this teaches: weights that PyTorch has trained compute the same here, train on, and go back.
//
//     swift run -c release pytorch-weights
//
// `make.py` has made digits.safetensors: a network of PyTorch, trained on 1500 of the digits, and its outputs
// for the 297 others.

import Adjoint
import AdjointData
import AdjointNN
import AdjointTraining
import ExampleSupport
import Foundation

let arguments = Arguments(
  "pytorch-weights",
  help: """
    Loads a network that PyTorch has trained, compares its outputs, trains on, and writes it for PyTorch.

    USAGE: pytorch-weights [--weights FILE] [--output FILE]

      --weights FILE  what make.py writes (the file beside the example)
      --output FILE   where to write the network, under PyTorch's names (digits-again.safetensors)
    """,
  options: ["--weights", "--output"])

/// The network of `make.py`, with names of this side.
struct Network: Layer {
  var first, second: Conv2D
  var firstNorm = BatchNorm(8)
  var secondNorm = BatchNorm(16)
  var output: Linear

  init(using generator: inout Philox) {
    first = Conv2D(1, 8, kernel: 3, padding: 1, bias: false, using: &generator)
    second = Conv2D(8, 16, kernel: 3, padding: 1, bias: false, using: &generator)
    output = Linear(16 * 2 * 2, 10, using: &generator)
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("first", &first)
    visitor.child("firstNorm", &firstNorm)
    visitor.child("second", &second)
    visitor.child("secondNorm", &secondNorm)
    visitor.child("output", &output)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let y = firstNorm(first(x, mode), mode).relu().maxPooled([2, 2])
    let z = secondNorm(second(y, mode), mode).relu().maxPooled([2, 2])
    return output(z.flattened(from: 1), mode)
  }
}

/// What its parts are called on the other side; what their tensors are called there is known.
let names = Renaming.pyTorch
  .replacing(prefix: "first", by: "conv1").replacing(prefix: "firstNorm", by: "bn1")
  .replacing(prefix: "second", by: "conv2").replacing(prefix: "secondNorm", by: "bn2")
  .replacing(prefix: "output", by: "fc").replacing(prefix: "", by: "net")

do {
  var generator = Philox(seed: 1)
  var network = Network(using: &generator)
  let file: URL
  if let path = arguments.text("--weights") {
    file = URL(filePath: path)
  } else if let url = Bundle.module.url(forResource: "digits", withExtension: "safetensors") {
    file = url
  } else {
    arguments.fail("digits.safetensors is not among the example's resources", EX_NOINPUT)
  }
  // The outputs lie in the same file, and are no part of the network.
  let left = try network.load(from: file, renaming: names, allowing: .unexpected)
  print("loaded, and left: \(left.unexpected.joined(separator: ", "))")

  let digits = try Digits.load()
  let images = digits.inputs.reshaped(to: [digits.count, 1, 8, 8])
  let training = LabeledData(inputs: images[0..<1500], labels: digits.labels[0..<1500])
  let heldOut = LabeledData(
    inputs: images[1500..<digits.count], labels: digits.labels[1500..<digits.count])
  func report(_ what: String) {
    let share = accuracy(network.predict(heldOut.inputs), heldOut.labels)
    print(String(format: "%@: %.2f %% of the %d others right", what, share * 100, heldOut.count))
  }

  let theirs = try Safetensors.read(file).tensor("logits")
  let difference = Double((network.predict(heldOut.inputs) - theirs).magnitude().max())
  let largest = Double(theirs.magnitude().max())
  print(
    String(
      format: "PyTorch's outputs go up to %.1f, and ours differ by %.1e of that at most", largest,
      difference / largest))
  report("as PyTorch has trained it")

  var optimizer = Adam(learningRate: 1e-3)
  for _ in 0..<3 {
    for batch in training.batches(of: 50, using: &generator) {
      let (_, gradient) = valueAndGradient(of: &network) { network in
        softmaxCrossEntropy(network(batch.inputs, .training), batch.labels)
      }
      optimizer.update(&network, along: gradient)
    }
  }
  report("trained on here")

  let output = arguments.text("--output") ?? "digits-again.safetensors"
  try network.save(to: URL(filePath: output), renaming: names)
  print("wrote \(output), which load_state_dict takes without the \"net.\" before its names")
} catch {
  arguments.fail(error, EX_DATAERR)
}
