import Adjoint
import AdjointData
import AdjointNN
import AdjointTraining

/// A network with every kind of state: parameters, running statistics, and a dropout's random key.
struct SmallNet: Layer {
  var first: Linear
  var norm = BatchNorm(6)
  var dropout: Dropout
  var last: Linear

  init(seed: UInt64) {
    var generator = Philox(seed: seed)
    first = Linear(4, 6, bias: false, using: &generator)
    dropout = Dropout(rate: 0.25, using: &generator)
    last = Linear(6, 3, using: &generator)
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("first", &first)
    visitor.child("norm", &norm)
    visitor.child("dropout", &dropout)
    visitor.child("last", &last)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    last(dropout(norm(first(x, mode), mode).relu(), mode), mode)
  }
}

/// Samples of three classes, and a training of a small network on them.
enum Small {
  /// 46 samples: 5 batches of 8, and 6 left over.
  static let data: LabeledData = {
    var generator = Philox(seed: 77)
    let labels = (0..<46).map { Int32($0 % 3) }
    let noise = Tensor.normal([46, 4], using: &generator)
    let centers = Tensor(labels).cast(to: .float32).reshaped(to: [46, 1])
    return LabeledData(inputs: noise + centers, labels: Tensor(labels))
  }()

  static func training<Rule: Optimizer>(
    _ optimizer: Rule, seed: UInt64 = 1
  ) -> TrainingState<SmallNet, Rule> {
    TrainingState(SmallNet(seed: seed), optimizer, generator: Philox(seed: 5))
  }

  static func loss(_ model: inout SmallNet, _ batch: LabeledData) -> Tensor {
    softmaxCrossEntropy(model(batch.inputs, .training), batch.labels)
  }

  static func trainer<Rule: Optimizer>(
    _ training: TrainingState<SmallNet, Rule>
  ) -> Trainer<SmallNet, Rule, LabeledData> {
    Trainer(training) { model, batch in
      let logits = model(batch.inputs, .training)
      return (softmaxCrossEntropy(logits, batch.labels), [logits])
    }
  }

  /// Trains on, as a loop does that uses no trainer, and calls `body` after each step.
  static func goOn<Rule: Optimizer>(
    _ training: inout TrainingState<SmallNet, Rule>, epochs: Int,
    _ body: (TrainingState<SmallNet, Rule>) throws -> Void = { _ in }
  ) rethrows {
    while training.epoch < epochs {
      var generator = training.generator
      for batch in data.batches(of: 8, using: &generator).dropFirst(training.batch) {
        let (loss, gradient) = valueAndGradient(of: &training.model) { Small.loss(&$0, batch) }
        training.optimizer.update(&training.model, along: gradient)
        training.means.add("loss", Double(loss), weight: Double(batch.count))
        training.finishStep()
        try body(training)
      }
      let loss = training.means["loss"]
      training.finishEpoch(generator)
      training.history.record(
        epoch: training.epoch, step: training.step, [("loss", loss), ("odd", .nan)])
    }
  }
}

extension TrainingState {
  /// Whether two trainings have the same bits, but for what is not a number in their histories.
  func isSame(as other: TrainingState) -> Bool {
    model.state.dictionary == other.model.state.dictionary
      && optimizer.state == other.optimizer.state && generator == other.generator
      && generators == other.generators
      && (epoch, batch, step) == (other.epoch, other.batch, other.step)
      && means == other.means && history.csv == other.history.csv
      && stepHistory.csv == other.stepHistory.csv
  }
}
