import Adjoint
import AdjointData
import AdjointNN
import AdjointTraining

/// The training of one model, and what came of each epoch.
struct Run {
  var training: TrainingState<Classifier, SGD>
  private let options: Options
  private let checkpoints: CheckpointFolder?
  private var imagesPerSecond: Double?

  init(
    _ model: Classifier, _ options: Options, batchSeed: UInt64, _ checkpoints: CheckpointFolder?
  ) throws {
    training = TrainingState(
      model, SGD(learningRate: options.learningRate, momentum: 0.9),
      generator: Philox(seed: batchSeed), settings: options.settings)
    self.options = options
    self.checkpoints = checkpoints
    if options.resumes { try checkpoints?.restore(&training) }
  }

  var losses: [Double] { training.history["loss"] }
  var accuracies: [Double] { training.history["test accuracy"] }

  /// Trains on every image once, unless that is done already, then measures the accuracy on images that are
  /// not trained on.
  mutating func trainEpoch(
    _ number: Int, on data: LabeledData, testedOn heldOut: LabeledData, until interrupt: Interrupt
  ) throws {
    imagesPerSecond = nil
    guard training.epoch < number else { return }
    // Down to nothing in equal steps, so that the last epochs settle.
    let share = Double(options.epochs - training.epoch) / Double(options.epochs)
    training.optimizer.learningRate = options.learningRate * share
    var (generator, start, count) = (training.generator, ContinuousClock.now, 0)
    for batch in data.batches(of: options.batchSize, using: &generator).dropFirst(training.batch) {
      let (loss, gradient) = valueAndGradient(of: &training.model) { model in
        softmaxCrossEntropy(model(batch.inputs, .training), batch.labels)
      }
      training.optimizer.update(&training.model, along: gradient)
      training.means.add("loss", Double(loss), weight: Double(batch.count))
      training.finishStep()
      count += batch.count
      if training.step.isMultiple(of: options.stepsBetweenCheckpoints) || interrupt.isRequested {
        try checkpoints?.save(training)
      }
      if interrupt.isRequested { throw Interrupted() }
    }
    imagesPerSecond = Double(count) / ((.now - start) / .seconds(1))
    let accuracy = accuracy(training.model.predict(heldOut.inputs), heldOut.labels)
    let loss = training.means["loss"]
    training.finishEpoch(generator)
    training.history.record(
      epoch: training.epoch, step: training.step, [("loss", loss), ("test accuracy", accuracy)])
    try checkpoints?.save(training)
  }

  /// The part of a progress line that is about this model.
  func progress(_ epoch: Int) -> String {
    losses[epoch - 1].fixed(5).leftPadded(to: 11)
      + accuracies[epoch - 1].percent.leftPadded(to: 14)
      + (imagesPerSecond.map { "\(Int($0))" } ?? "–").leftPadded(to: 14)
  }
}

/// What ends a training that someone has asked to stop.
struct Interrupted: Error {}

extension Options {
  /// What a training has to agree with that goes on from a checkpoint.
  var settings: [String: String] {
    [
      "epochs": "\(epochs)", "seed": "\(seed)", "batch size": "\(batchSize)",
      "learning rate": "\(learningRate)",
    ]
  }
}
