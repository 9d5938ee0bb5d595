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
import AdjointTraining
import Foundation

/// Says what went wrong, and ends.
func fail(_ problem: any Error, _ code: Int32) -> Never {
  FileHandle.standardError.write(Data("digits: \(problem)\n".utf8))
  exit(code)  // One of sysexits.h.
}

let options: Options
do { options = try Options(CommandLine.arguments.dropFirst()) } catch { fail(error, EX_USAGE) }
if options.showsHelp {
  print(Options.help)
  exit(0)
}

var generator = Philox(seed: options.seed)
let digits: LabeledData
do { digits = try Digits.load() } catch { fail(error, EX_NOINPUT) }
let (training, heldOut) = digits.split(holdingOut: 0.2, using: &generator)
guard options.batchSize <= training.count else {
  let (size, range) = ("\(options.batchSize)", "2 to \(training.count)")
  fail(UsageError.outOfRange("--batch-size", size, range), EX_USAGE)
}
print(
  """
  \(digits.count) images of handwritten digits, 8×8 pixels: \(training.count) to train on, \
  \(heldOut.count) held out to test on

  """)

// Both start from the same seed and see the same batches in the same order.
let modelSeed = generator.next()
let batchSeed = generator.next()
var runs: [Run] = []
do {
  for usesBatchNorm in [true, false] {
    let name = usesBatchNorm ? "with-batch-norm" : "without-batch-norm"
    let folder = try options.checkpoint.map {
      try CheckpointFolder(URL(filePath: $0).appending(path: name))
    }
    if !options.resumes, let folder, !folder.files.isEmpty {
      throw UsageError.needs("a folder that has checkpoints", "--resume")
    }
    let model = Classifier(usesBatchNorm: usesBatchNorm, seed: modelSeed)
    runs.append(try Run(model, options, batchSeed: batchSeed, folder))
  }
} catch {
  fail(error, error is UsageError ? EX_USAGE : EX_DATAERR)
}
print("The model with batch norm; without it, each hidden layer has a bias instead:\n")
print(runs[0].training.model.summary + "\n")

print("         with batch norm                       without batch norm")
print("epoch    loss     test accuracy   images/s     loss     test accuracy   images/s")
let interrupt = Interrupt()
for epoch in 1...options.epochs {
  do {
    for index in runs.indices {
      try runs[index].trainEpoch(epoch, on: training, testedOn: heldOut, until: interrupt)
    }
  } catch is Interrupted {
    fail(UsageError.interrupted(saved: options.checkpoint != nil), interrupt.exitCode)
  } catch {
    fail(error, EX_CANTCREAT)
  }
  print(String(epoch).leftPadded(to: 5) + runs.map { $0.progress(epoch) }.joined())
  fflush(nil)  // Each line at once, into a pipe too.
}

print(
  """

  test accuracy with batch norm     \(runs[0].accuracies[options.epochs - 1].percent)
  test accuracy without batch norm  \(runs[1].accuracies[options.epochs - 1].percent)

  """)

// The gradients of the trained model, on a batch that it has not seen.
var reports: [GradientReport] = []
if options.checks {
  let batch = LabeledData(inputs: heldOut.inputs[0..<12], labels: heldOut.labels[0..<12])
  let images = batch.inputs.cast(to: .float64)
  reports = [(Mode.training, "training"), (.inference, "inference")].map { mode, name in
    checkGradients(of: &runs[0].training.model, name: "the trained model in \(name)") { model in
      softmaxCrossEntropy(model(images, mode), batch.labels)
    }
  }
}
for report in reports { print(report) }

if options.plots {
  let plot = LinePlot(
    title: "Digits: training loss, seed \(options.seed)", x: Axis("epoch"),
    y: Axis("loss", scale: .logarithmic),
    lines: zip(["with batch norm", "without batch norm"], runs).map {
      LinePlot.Line($0, y: $1.losses)
    })
  do {
    try plot.write(to: URL(filePath: "digits.svg"))
    print("\nwrote digits.svg")
  } catch {
    fail(error, EX_CANTCREAT)
  }
}
guard fflush(nil) == 0 else { fail(UsageError.unprintable, EX_IOERR) }
if !reports.allSatisfy(\.passed) { exit(1) }
