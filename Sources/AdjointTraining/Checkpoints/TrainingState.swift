import Adjoint
import AdjointNN

/// All that a training is at one time: what a checkpoint holds, and what goes on from it bit for bit.
///
/// ```swift
/// var training = TrainingState(model, SGD(learningRate: 0.1), generator: Philox(seed: 1))
/// try checkpoints.restore(&training)
/// while training.epoch < 10 {
///   var generator = training.generator
///   for batch in data.batches(of: 32, using: &generator).dropFirst(training.batch) {
///     …
///     training.finishStep()
///   }
///   training.finishEpoch(generator)
/// }
/// ```
///
/// The order of an epoch is not kept, as it follows from the generator as it was when the epoch began: it is
/// drawn again, and the batches that are done are passed over.
public struct TrainingState<Model: Module, Rule: Optimizer>: Sendable {
  /// What is trained.
  public var model: Model
  /// What trains it.
  public var optimizer: Rule
  /// The random numbers, as they were when the epoch began.
  public var generator: Philox
  /// Others, by name, if several are used.
  public var generators: [String: Philox] = [:]
  /// The epochs that are complete.
  public var epoch = 0
  /// The batches of the next epoch that are done.
  public var batch = 0
  /// The steps that the optimizer has taken.
  public var step = 0
  /// The means of the epoch so far.
  public var means = RunningMeans()
  /// What was measured, epoch by epoch.
  public var history = History()
  /// What was measured from step to step, if it was.
  public var stepHistory = History()
  /// What the training was told and a checkpoint has to agree with, such as the size of batches.
  public var settings: [String: String]

  /// Begins a training.
  public init(
    _ model: Model, _ optimizer: Rule, generator: Philox, settings: [String: String] = [:]
  ) {
    (self.model, self.optimizer) = (model, optimizer)
    (self.generator, self.settings) = (generator, settings)
  }

  /// Counts a step of the optimizer along a batch, or along several.
  public mutating func finishStep(batches: Int = 1) {
    step = counted(step, more: 1, "steps")
    batch = counted(batch, more: batches, "batches")
  }

  /// Counts an epoch: the next one begins, with the generator as this one leaves it.
  public mutating func finishEpoch(_ generator: Philox) {
    epoch = counted(epoch, more: 1, "epochs")
    batch = 0
    means = RunningMeans()
    self.generator = generator
  }

  private func counted(_ count: Int, more: Int, _ what: String) -> Int {
    let (sum, overflow) = count.addingReportingOverflow(more)
    require(
      !overflow && sum >= 0,
      "TrainingState: \(count) \(what) and \(more) more cannot be counted; begin from a state that can be"
    )
    return sum
  }
}
