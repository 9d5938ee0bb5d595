import Adjoint
import AdjointData
import AdjointFixtures
import AdjointNN
import AdjointTraining
import Foundation
import Testing

/// The code of the page "Training".
@Suite("The page on training")
struct TrainingListings {
  private let data = Small.data
  private let test = Small.data
  private let epochs = 2

  @Test func theLoop() throws {
    try withTemporaryFolder { folder in
      let model = SmallNet(seed: 1)
      var losses: [[Double]] = []
      for _ in 0..<2 {
        // All that a training is at one time, and where it is saved.
        var training = TrainingState(
          model, SGD(learningRate: 0.1, momentum: 0.9), generator: Philox(seed: 1))
        let checkpoints = try CheckpointFolder(folder, keepingLast: 3)
        try checkpoints.restore(&training)

        while training.epoch < epochs {
          var generator = training.generator
          for batch in data.batches(of: 8, using: &generator).dropFirst(training.batch) {
            let (loss, gradient) = valueAndGradient(of: &training.model) { model in
              softmaxCrossEntropy(model(batch.inputs, .training), batch.labels)
            }
            training.optimizer.update(&training.model, along: gradient)
            training.means.add("loss", Double(loss), weight: Double(batch.count))
            training.finishStep()
          }
          training.history.record(
            epoch: training.epoch + 1, step: training.step, training.means.means)
          training.finishEpoch(generator)
          try checkpoints.save(training)
        }
        losses.append(training.history["loss"])
      }
      // The second one found the end of the first.
      #expect(losses[0].count == epochs && losses[0] == losses[1])
    }
  }

  @Test func whatElseALoopCanDo() {
    var (model, optimizer) = (SmallNet(seed: 1), SGD(learningRate: 0.1))
    // Gradients of four batches make a step, and go no farther than 1.
    var accumulator = GradientAccumulator<SmallNet>()
    for batch in data.batchesInOrder(of: 8) {
      let (_, gradient) = valueAndGradient(of: &model) { model in
        softmaxCrossEntropy(model(batch.inputs, .training), batch.labels)
      }
      accumulator.add(gradient, weight: Double(batch.count))
      guard accumulator.count == 4 else { continue }
      var mean = accumulator.takeMean()
      let norm = mean.clip(toNorm: 1)
      optimizer.update(&model, along: mean)
      print("step \(optimizer.stepCount), norm of the gradient \(norm)")
    }
    #expect(optimizer.stepCount == 1 && accumulator.count == 2)
  }

  @Test func theTrainer() throws {
    try withTemporaryFolder { folder in
      let (model, test) = (SmallNet(seed: 1), test)
      // The same, and what goes with it.
      var trainer = Trainer(
        TrainingState(model, Adam(), generator: Philox(seed: 1))
      ) { model, batch in
        let logits = model(batch.inputs, .training)
        return (softmaxCrossEntropy(logits, batch.labels), [logits])
      }
      trainer.schedule = { step in 0.01 / Double(1 + step / 100) }
      trainer.metrics = [("accuracy", { accuracy($0[0], $1.labels) })]
      trainer.validation = { model in
        [("test accuracy", accuracy(model.predict(test.inputs), test.labels))]
      }
      trainer.clipping = .norm(1)
      trainer.accumulation = 2
      trainer.earlyStopping = EarlyStopping(of: "test accuracy", .highest, patience: 5)
      trainer.checkpoints = Checkpointing(
        in: try CheckpointFolder(folder), everySteps: 100, best: ("test accuracy", .highest))
      trainer.progress = ProgressLine()
      trainer.interrupt = Interrupt()
      try trainer.fit(epochs: epochs, from: Loader(data, batchSize: 8, seed: 1))

      let file = folder.appending(path: "history.csv")
      let picture = folder.appending(path: "loss.svg")
      // What was measured, as a table and as a picture.
      let history = trainer.training.history
      try history.write(to: file)
      try history.plot("Loss", of: ["loss"], y: Axis("loss", scale: .logarithmic))
        .write(to: picture)
      #expect(try String(contentsOf: file, encoding: .utf8).hasPrefix("epoch,step,loss,accuracy"))
      #expect(history.rows.count == epochs)
    }
  }

  @Test func whatAModelIsMadeOf() {
    let model = SmallNet(seed: 1)
    // Of eight samples with four numbers each.
    let summary = model.summary(for: .zeros([8, 4]))
    print(summary)
    // 4·6 weights; a scale and a shift of 6; 6·3 weights and 3 biases.
    #expect(
      "\(summary)" == """
        layer    type       result         trained  frozen
        first    Linear     float32[8, 6]       24       0
        norm     BatchNorm  float32[8, 6]       12       0
        dropout  Dropout    float32[8, 6]        0       0
        last     Linear     float32[8, 3]       21       0
        total                                   57       0
        """)
  }

  @Test func whereTheTimeGoes() {
    var model = SmallNet(seed: 1)
    let batch = data
    // By operation and by layer.
    let profile = StepProfile(of: &model) { model in
      softmaxCrossEntropy(model(batch.inputs, .training), batch.labels)
    }
    print(profile)
    #expect(profile.seconds > 0)
  }

  @Test func optimizersOfYourOwn() throws {
    /// Steps along the sign of the gradient.
    struct SignDescent: Optimizer {
      var learningRate = 0.01
      private(set) var stepCount = 0

      mutating func update(_ parameters: inout [Tensor], along gradients: [Tensor]) {
        parameters = zip(parameters, gradients).map { $0 - $1.sign() * learningRate }
        stepCount += 1
      }

      // What has to be saved so that training can go on.
      mutating func visit(_ visitor: inout OptimizerVisitor) {
        visitor.number("learningRate", &learningRate)
        visitor.count("stepCount", &stepCount)
      }
    }
    var optimizer = SignDescent()
    try optimizer.load(optimizer.state, for: SmallNet(seed: 1))
  }
}
