// What this teaches: residual blocks, and images that are changed at random as they are trained on.
//
//     swift run -c release resnet
//     swift run -c release resnet --data cifar-10-batches-bin --epochs 30 --checkpoint resnet
//
// ResNet-20. Without a folder it trains on small images that are made up, in seconds.

import Adjoint
import AdjointData
import AdjointNN
import AdjointTraining
import ExampleSupport
import Foundation

let arguments = Arguments(
  "resnet",
  help: """
    Trains ResNet-20 on CIFAR-10, or on images that are made up.

    USAGE: resnet [--data FOLDER] [--epochs N] [--batch-size N] [--seed N] [--checkpoint FOLDER]

      --data FOLDER        the six files of CIFAR-10's binary version
      --epochs N           passes over the training images (2)
      --batch-size N       images in a batch (64)
      --seed N             of the starting weights and the batches (1)
      --checkpoint FOLDER  save there, and go on from what is there
    """, options: ["--data", "--epochs", "--batch-size", "--seed", "--checkpoint"])
let epochs = arguments.number("--epochs", 2, in: 1...1000)
let batchSize = arguments.number("--batch-size", 64, in: 2...1024)
let seed = arguments.number("--seed", 1, in: 0...UInt64.max)

var generator = Philox(seed: seed)
let (training, test): (LabeledData, LabeledData)
do {
  (training, test) =
    try arguments.text("--data").map { try Images.cifar(URL(filePath: $0)) }
    ?? Images.synthetic(480, side: 8, using: &generator)
} catch {
  arguments.fail(error, EX_NOINPUT)
}
let network = ResNet(classes: 10, using: &generator)
print("\(training.count) images to train on, \(network.parameterCount) parameters")

var trainer = Trainer(
  TrainingState(
    network, SGD(learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4), generator: generator,
    settings: ["seed": "\(seed)", "batch size": "\(batchSize)", "epochs": "\(epochs)"])
) { model, batch in
  let logits = model(batch.inputs, .training)
  return (softmaxCrossEntropy(logits, batch.labels), [logits])
}
// Real images may be mirrored and moved; patterns that are made up would become others.
let transforms: [Transform] =
  arguments.text("--data") == nil ? [] : [.flipped(), .cropped(padding: 4)]
let loader = Loader(training, batchSize: batchSize, transforms: transforms, seed: seed)
let steps = Double(epochs * loader.batchCount)
trainer.schedule = { step in 0.1 * (1 + cos(.pi * Double(step) / steps)) / 2 }
trainer.metrics = [("accuracy", { results, batch in accuracy(results[0], batch.labels) })]
trainer.validation = { model in
  var means = RunningMeans()
  for batch in test.batchesInOrder(of: 250) {
    let share = accuracy(model.predict(batch.inputs), batch.labels)
    means.add("test accuracy", share, weight: Double(batch.count))
  }
  return means.means
}
trainer.progress = ProgressLine()
trainer.interrupt = Interrupt()
do {
  trainer.checkpoints = try arguments.text("--checkpoint").map {
    Checkpointing(in: try CheckpointFolder(URL(filePath: $0)), everySteps: 100)
  }
  let outcome = try trainer.fit(epochs: epochs, from: loader)
  if outcome == .interrupted { arguments.fail("stopped", trainer.interrupt?.exitCode ?? 1) }
} catch {
  arguments.fail(error, EX_SOFTWARE)
}
