// What this teaches: a convolutional network with batch norm, trained by a trainer, that can be stopped at
// any moment and goes on.
//
//     swift run -c release clothes
//     swift run -c release clothes --data /usr/share/datasets/fashion-mnist --checkpoint clothes
//
// Without a folder it trains on the small digits that ship with the package, in seconds. With the 60 000
// images of clothes (`apt-get install dataset-fashion-mnist`) it learns those: 92.7 % of the others are right
// after ten epochs, which take some eight minutes of processor time.

import Adjoint
import AdjointData
import AdjointNN
import AdjointTraining
import ExampleSupport
import Foundation

let arguments = Arguments(
  "clothes",
  help: """
    Trains a convolutional network with batch norm on Fashion-MNIST, or on small digits.

    USAGE: clothes [--data FOLDER] [--epochs N] [--batch-size N] [--learning-rate X] [--seed N]
                   [--checkpoint FOLDER [--every N] [--resume]] [--profile]

      --data FOLDER        the four files of Fashion-MNIST; without it, digits of 8×8 pixels
      --epochs N           passes over the training images (3; 10 over Fashion-MNIST)
      --batch-size N       images in a batch (64)
      --learning-rate X    of the first step, from which it falls to 0 (0.002)
      --seed N             of the starting weights and the batches (1)
      --checkpoint FOLDER  save there, to go on if it is stopped, and keep the best
      --every N            steps from one checkpoint to the next (200)
      --resume             go on from there
      --profile            print where the time of a step goes, and end
    """,
  options: [
    "--data", "--epochs", "--batch-size", "--learning-rate", "--seed", "--checkpoint", "--every",
  ], flags: ["--resume", "--profile"])
let epochs = arguments.number(
  "--epochs", arguments.text("--data") == nil ? 3 : 10, in: 1...1000)
let batchSize = arguments.number("--batch-size", 64, in: 2...1024)
let learningRate = arguments.number("--learning-rate", 2e-3, in: 1e-9...1)
let seed = arguments.number("--seed", 1, in: 0...UInt64.max)

var generator = Philox(seed: seed)
let (training, test): (LabeledData, LabeledData)
do {
  if let folder = arguments.text("--data") {
    (training, test) = try FashionMNIST.load(URL(filePath: folder))
  } else {
    let digits = try Digits.load()
    let images = LabeledData(
      inputs: digits.inputs.reshaped(to: [digits.count, 1, 8, 8]), labels: digits.labels)
    let parts = images.split(holdingOut: 0.2, using: &generator)
    (training, test) = (parts.training, parts.heldOut)
  }
} catch {
  arguments.fail(error, EX_NOINPUT)
}

let side = training.inputs.shape[3]
var network = Network(side: side, widths: [32, 64], using: &generator)
print("\(training.count) images to train on, \(test.count) to test on\n\n\(network.summary)\n")

if arguments.has("--profile") {
  let batch = training.samples(.range(0..<batchSize))
  let profile = StepProfile(of: &network) { model in
    softmaxCrossEntropy(model(batch.inputs, .training), batch.labels)
  }
  print(profile)
  exit(0)
}

// What a training is made of.
var trainer = Trainer(
  TrainingState(
    network, Adam.w(learningRate: learningRate), generator: generator,
    settings: ["seed": "\(seed)", "batch size": "\(batchSize)", "epochs": "\(epochs)"])
) { model, batch in
  let logits = model(batch.inputs, .training)
  return (softmaxCrossEntropy(logits, batch.labels), [logits])
}
let loader = Loader(training, batchSize: batchSize, seed: seed)
let steps = Double(epochs * loader.batchCount)
trainer.schedule = { step in learningRate * (1 + cos(.pi * Double(step) / steps)) / 2 }
trainer.metrics = [("accuracy", { results, batch in accuracy(results[0], batch.labels) })]
trainer.validation = { model in
  var means = RunningMeans()
  for batch in test.batchesInOrder(of: 500) {
    let share = accuracy(model.predict(batch.inputs), batch.labels)
    means.add("test accuracy", share, weight: Double(batch.count))
  }
  return means.means
}
trainer.progress = ProgressLine()
trainer.interrupt = Interrupt()

do {
  if let name = arguments.text("--checkpoint") {
    trainer.checkpoints = Checkpointing(
      in: try CheckpointFolder(URL(filePath: name)),
      everySteps: arguments.number("--every", 200, in: 1...1_000_000),
      best: ("test accuracy", .highest), resumes: arguments.has("--resume"))
  }
  let outcome = try trainer.fit(epochs: epochs, from: loader)
  if outcome == .interrupted {
    arguments.fail("stopped; --checkpoint and --resume go on", trainer.interrupt?.exitCode ?? 1)
  }
} catch {
  arguments.fail(error, EX_SOFTWARE)
}
let accuracies = trainer.training.history["test accuracy"]
print("\ntest accuracy after \(epochs) epochs: \(accuracies[epochs - 1] * 100) %")
