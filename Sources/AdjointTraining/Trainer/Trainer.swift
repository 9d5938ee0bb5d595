import Adjoint
import AdjointData
import AdjointNN

/// The loop that trains a model, with what loops have again and again.
///
/// ```swift
/// var trainer = Trainer(training) { model, batch in
///   let logits = model(batch.inputs, .training)
///   return (softmaxCrossEntropy(logits, batch.labels), [logits])
/// }
/// trainer.metrics = [("accuracy", { results, batch in accuracy(results[0], batch.labels) })]
/// trainer.validation = { model in [("test accuracy", accuracy(model.predict(test.inputs), test.labels))] }
/// trainer.progress = ProgressLine()
/// try trainer.fit(epochs: 10) { generator in data.batches(of: 32, using: &generator) }
/// ```
///
/// All of it can be done without: each part is a value of its own, and the loop is ten lines.
public struct Trainer<Model: Module, Rule: Optimizer, Batch> {
  /// What is trained, and how far it is.
  public var training: TrainingState<Model, Rule>
  /// The learning rate of a step, which are counted from 0; the optimizer's own if nil.
  public var schedule: ((_ step: Int) -> Double)?
  /// What is measured on each batch, of the results that the loss returns besides.
  public var metrics: [(name: String, measure: ([Tensor], Batch) -> Double)] = []
  /// What is measured after each epoch.
  public var validation: ((Model) throws -> [(name: String, value: Double)])?
  /// How far gradients may go.
  public var clipping: GradientLimit?
  /// How many batches a step takes.
  public var accumulation = 1
  /// When to stop before the last epoch.
  public var earlyStopping: EarlyStopping?
  /// Where and when checkpoints are saved.
  public var checkpoints: Checkpointing? {
    didSet { if checkpoints?.folder.folder != oldValue?.folder.folder { hasBegun = false } }
  }
  /// What shows how far it is.
  public var progress: ProgressLine?
  /// What ends it after a step, with a checkpoint if they are saved.
  public var interrupt: Interrupt?
  /// After so many steps each the loss, the learning rate and the norm of the gradient, if clipping knows it,
  /// are kept in the training's `stepHistory`.
  public var stepsBetweenRecords: Int?
  /// Called after each step.
  public var afterStep: ((inout TrainingState<Model, Rule>, StepReport) throws -> Void)?
  /// Called after each epoch, once its numbers are in the history; false ends the training.
  public var afterEpoch: ((inout TrainingState<Model, Rule>) throws -> Bool)?

  /// Whether it trains already, on what is in `training`, and no more from what is in the folder.
  var hasBegun = false
  let loss: (inout Model, Batch) throws -> (loss: Tensor, results: [Tensor])
  let sampleCount: (Batch) -> Int

  /// Makes a trainer.
  /// - Parameters:
  ///   - training: what is trained.
  ///   - sampleCount: how much a batch counts in means.
  ///   - loss: the loss of a batch, and results of which metrics are measured.
  public init(
    _ training: TrainingState<Model, Rule>, sampleCount: @escaping (Batch) -> Int,
    loss: @escaping (inout Model, Batch) throws -> (loss: Tensor, results: [Tensor])
  ) {
    (self.training, self.sampleCount, self.loss) = (training, sampleCount, loss)
  }
}

extension Trainer where Batch == LabeledData {
  /// Makes a trainer on labeled data.
  public init(
    _ training: TrainingState<Model, Rule>,
    loss: @escaping (inout Model, LabeledData) throws -> (loss: Tensor, results: [Tensor])
  ) {
    self.init(training, sampleCount: \.count, loss: loss)
  }
}

/// How far gradients may go.
public enum GradientLimit: Sendable, Equatable {
  /// The norm of all together.
  case norm(Double)
  /// Each element.
  case value(Double)

  /// Clips a gradient, and returns the norm that it had, if that had to be known.
  func clip(_ gradient: inout some Module) -> Double? {
    switch self {
    case .norm(let limit): return gradient.clip(toNorm: limit)
    case .value(let limit):
      gradient.clip(toValue: limit)
      return nil
    }
  }
}

/// Where and when checkpoints are saved.
public struct Checkpointing: Sendable {
  /// Where.
  public var folder: CheckpointFolder
  /// After how many steps each, besides the end of every epoch.
  public var steps: Int?
  /// By which of the history's numbers the best is known.
  public var best: (metric: String, goal: Goal)?
  /// Whether the first `fit` goes on from what is in the folder; later ones go on from what the trainer has.
  public var resumes: Bool

  /// Saves into a folder.
  public init(
    in folder: CheckpointFolder, everySteps steps: Int? = nil,
    best: (metric: String, goal: Goal)? = nil, resumes: Bool = true
  ) {
    require(
      steps.map { $0 > 0 } ?? true, "Checkpointing: every \(steps ?? 0) steps; give 1 or more")
    (self.folder, self.steps, self.best, self.resumes) = (folder, steps, best, resumes)
  }
}

/// What there is to say about a step.
public struct StepReport: Sendable, Equatable {
  /// Its number, from 0.
  public let step: Int
  /// The mean loss of its batches.
  public let loss: Double
  /// The learning rate.
  public let learningRate: Double
  /// The norm of the gradient before it was clipped, if it was by its norm.
  public let gradientNorm: Double?
}

/// How a training ended.
public enum TrainingOutcome: Sendable, Equatable {
  /// All epochs are done.
  case finished
  /// Nothing got better.
  case stoppedEarly
  /// Someone has asked for it; a checkpoint was saved, if they are.
  case interrupted
  /// What is called after an epoch has ended it.
  case stoppedByCaller
}
