// What this teaches: a whole training, and what batch norm does for it.
//
//     swift run -c release digits
//
// Trains a classifier of handwritten digits with batch norm, beside it the same network without,
// both from the same seed and on the same batches; checks the gradients of its own model; and draws
// both training curves. `--help` lists the options. The same seed gives the same numbers, bit for
// bit; only the times differ.

import Adjoint
import AdjointCheck
import AdjointData
import AdjointNN
import Foundation

let options: Options
do {
  options = try Options(CommandLine.arguments.dropFirst())
} catch {
  FileHandle.standardError.write(Data("digits: \(error)\n".utf8))
  exit(64)  // EX_USAGE of sysexits.h: the command was used wrongly.
}
if options.showsHelp {
  print(Options.help)
  exit(0)
}

var generator = Philox(seed: options.seed)
let digits: LabeledData
do { digits = try Digits.load() } catch {
  FileHandle.standardError.write(Data("digits: \(error)\n".utf8))
  exit(66)  // EX_NOINPUT
}
let (training, heldOut) = digits.split(holdingOut: 0.2, using: &generator)
guard options.batchSize <= training.count else {
  let problem = UsageError.outOfRange(
    "--batch-size", "\(options.batchSize)", "2 to \(training.count)")
  FileHandle.standardError.write(Data("digits: \(problem)\n".utf8))
  exit(64)
}
print(
  """
  \(digits.count) images of handwritten digits, 8×8 pixels: \(training.count) to train on, \
  \(heldOut.count) held out to test on

  """)

// Both start from the same seed and see the same batches in the same order.
let modelSeed = generator.next()
let batchSeed = generator.next()
var runs = [true, false].map { usesBatchNorm in
  Run(Classifier(usesBatchNorm: usesBatchNorm, seed: modelSeed), options, batchSeed: batchSeed)
}
print("The model with batch norm; without it, each hidden layer has a bias instead:\n")
print(runs[0].model.summary + "\n")

print("         with batch norm                       without batch norm")
print("epoch    loss     test accuracy   images/s     loss     test accuracy   images/s")
for epoch in 1...options.epochs {
  for index in runs.indices { runs[index].trainEpoch(on: training, testedOn: heldOut) }
  print(String(epoch).leftPadded(to: 5) + runs.map { $0.progress }.joined())
  fflush(nil)  // Each line at once, into a pipe too.
}

print(
  """

  test accuracy with batch norm     \(runs[0].accuracies[options.epochs - 1].percent)
  test accuracy without batch norm  \(runs[1].accuracies[options.epochs - 1].percent)

  """)

// The gradients of the trained model, on a batch that it has not seen.
let batch = LabeledData(inputs: heldOut.inputs[0..<12], labels: heldOut.labels[0..<12])
let images = batch.inputs.cast(to: .float64)
let reports = [(Mode.training, "training"), (.inference, "inference")].map { mode, name in
  checkGradients(of: &runs[0].model, name: "the trained model in \(name)") { model in
    softmaxCrossEntropy(model(images, mode), batch.labels)
  }
}
for report in reports { print(report) }

if options.plots {
  let plot = Plot(
    title: "Digits: training loss, seed \(options.seed)",
    curves: [("with batch norm", runs[0].losses), ("without batch norm", runs[1].losses)])
  do {
    try Data(plot.svg.utf8).write(to: URL(filePath: "digits.svg"), options: .atomic)
    print("\nwrote digits.svg")
  } catch {
    FileHandle.standardError.write(
      Data("digits: cannot write digits.svg: \(error.localizedDescription)\n".utf8))
    exit(73)  // EX_CANTCREAT
  }
}
guard fflush(nil) == 0 else {
  FileHandle.standardError.write(Data("digits: cannot write what it has to say\n".utf8))
  exit(74)  // EX_IOERR
}
if !reports.allSatisfy(\.passed) { exit(1) }
