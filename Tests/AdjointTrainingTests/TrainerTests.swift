import Adjoint
import AdjointData
import AdjointFixtures
import AdjointNN
import Foundation
import Synchronization
import Testing

@testable import AdjointTraining

/// What a caller throws to stop a training.
private struct Killed: Error {}

@Suite("The trainer")
struct TrainerTests {
  @Test func itTakesTheStepsOfTheLoop() throws {
    let start = Small.training(SGD(learningRate: 0.1, momentum: 0.9))
    var byHand = start
    try Small.goOn(&byHand, epochs: 3)
    var trainer = Small.trainer(start)
    let outcome = try trainer.fit(epochs: 3) { Small.data.batches(of: 8, using: &$0) }
    #expect(outcome == .finished)
    #expect(trainer.training.model.state.dictionary == byHand.model.state.dictionary)
    #expect(trainer.training.optimizer.state == byHand.optimizer.state)
    #expect(trainer.training.history["loss"] == byHand.history["loss"])
    #expect(trainer.training.step == 15 && trainer.training.generator == byHand.generator)
  }

  /// A trainer that uses everything, with 3 steps of 2 batches for each epoch, the last one of 1.
  private func elaborate(
    _ folder: CheckpointFolder?
  ) -> Trainer<SmallNet, Adam, LabeledData> {
    var trainer = Small.trainer(Small.training(Adam()))
    trainer.schedule = { step in 0.05 / Double(step + 1) }
    trainer.metrics = [("accuracy", { accuracy($0[0], $1.labels) })]
    trainer.validation = { model in
      [("test accuracy", accuracy(model.predict(Small.data.inputs), Small.data.labels))]
    }
    trainer.clipping = .norm(0.5)
    trainer.accumulation = 2
    trainer.stepsBetweenRecords = 2
    trainer.checkpoints = folder.map {
      Checkpointing(in: $0, everySteps: 1, best: ("test accuracy", .highest))
    }
    return trainer
  }

  @Test func aTrainingThatIsStoppedAtAnyStepGoesOnBitForBit() throws {
    var whole = elaborate(nil)
    try whole.fit(epochs: 4) { Small.data.batches(of: 8, using: &$0) }
    #expect(whole.training.step == 12 && whole.training.stepHistory.rows.count == 6)
    #expect(whole.training.history.names == ["loss", "accuracy", "test accuracy"])
    for stop in 0..<12 {
      try withTemporaryFolder { folder in
        let checkpoints = try CheckpointFolder(folder, keepingLast: 1)
        var first = elaborate(checkpoints)
        first.afterStep = { _, report in if report.step == stop { throw Killed() } }
        #expect(throws: Killed.self) {
          try first.fit(epochs: 4) { Small.data.batches(of: 8, using: &$0) }
        }
        // What was done after the last checkpoint is done again.
        var second = elaborate(checkpoints)
        try second.fit(epochs: 4) { Small.data.batches(of: 8, using: &$0) }
        #expect(second.training.isSame(as: whole.training), "stopped after step \(stop)")
        let best = try #require(whole.training.history.best(.highest, "test accuracy"))
        var kept = elaborate(nil).training
        try kept.load(from: #require(checkpoints.best))
        #expect(kept.epoch == best + 1)
      }
    }
  }

  /// An epoch is taken up in its middle, with the transforms that its batches would have had.
  @Test func aLoadersEpochGoesOnFromItsMiddle() throws {
    let loader = Loader(
      Small.data, batchSize: 8, transforms: [.noise(deviation: 0.1)], seed: 3)
    var whole = elaborate(nil)
    try whole.fit(epochs: 3, from: loader)
    for stop in [0, 1, 4, 7] {
      try withTemporaryFolder { folder in
        var first = elaborate(try CheckpointFolder(folder))
        first.afterStep = { _, report in if report.step == stop + 1 { throw Killed() } }
        #expect(throws: Killed.self) { try first.fit(epochs: 3, from: loader) }
        var second = elaborate(try CheckpointFolder(folder))
        try second.fit(epochs: 3, from: loader)
        #expect(second.training.isSame(as: whole.training))
      }
    }
  }

  /// Batches of a step that is not taken leave nothing behind: no running statistics, no means, no random key.
  @Test func aStepThatThrowsIsUndone() throws {
    for bad in [3, 4, 7] {
      var trainer = Trainer(elaborate(nil).training) {
        (model: inout SmallNet, batch: LabeledData) in
        let logits = model(batch.inputs, .training)
        if batch.count == 2 { throw Killed() }
        return (softmaxCrossEntropy(logits, batch.labels), [logits])
      }
      trainer.accumulation = 2
      var taken: [TrainingState<SmallNet, Adam>] = [trainer.training]
      trainer.afterStep = { training, _ in taken.append(training) }
      var number = -1
      #expect(throws: Killed.self) {
        try trainer.fit(epochs: 2) { generator in
          Array(Small.data.batches(of: 8, using: &generator)).map { batch in
            number += 1
            return number == bad
              ? LabeledData(inputs: batch.inputs[0..<2], labels: batch.labels[0..<2]) : batch
          }
        }
      }
      #expect(trainer.training.model.state.dictionary == taken.last?.model.state.dictionary)
      #expect(trainer.training.means == taken.last?.means, "batch \(bad)")
    }
  }

  @Test func aSecondFitGoesOnFromWhatTheTrainerHas() throws {
    try withTemporaryFolder { folder in
      let zeros = Tensor.zeros([3, 6])
      var trainer = elaborate(try CheckpointFolder(folder.appending(path: "a")))
      try trainer.fit(epochs: 1) { Small.data.batches(of: 8, using: &$0) }
      trainer.training.model.last.weight = zeros
      try trainer.fit(epochs: 1) { Small.data.batches(of: 8, using: &$0) }
      #expect(trainer.training.model.last.weight == zeros)
      // What is in the folder is for another trainer, or for this one with another folder.
      var other = elaborate(try CheckpointFolder(folder.appending(path: "b")))
      try other.fit(epochs: 1) { Small.data.batches(of: 8, using: &$0) }
      let trained = other.training.model.last.weight
      trainer.checkpoints = other.checkpoints
      try trainer.fit(epochs: 1) { Small.data.batches(of: 8, using: &$0) }
      #expect(trainer.training.model.last.weight == trained && trained != zeros)
    }
  }

  @Test func whatItGoesOnFromIsSaid() throws {
    final class Box: Sendable { let text = Mutex("") }
    try withTemporaryFolder { folder in
      let checkpoints = try CheckpointFolder(folder)
      var trainer = elaborate(checkpoints)
      trainer.afterStep = { _, report in if report.step == 4 { throw Killed() } }
      #expect(throws: Killed.self) {
        try trainer.fit(epochs: 2) { Small.data.batches(of: 8, using: &$0) }
      }
      try Data("no".utf8).write(to: folder.appending(path: "step-000000009.safetensors"))
      let box = Box()
      trainer = elaborate(checkpoints)
      trainer.progress = ProgressLine(columns: nil) { part in box.text.withLock { $0 += part } }
      try trainer.fit(epochs: 2) { Small.data.batches(of: 8, using: &$0) }
      let lines = box.text.withLock { $0 }.split(separator: "\n")
      #expect(lines[0].hasPrefix("step-000000009.safetensors: ends after 2 bytes"))
      #expect(lines[0].hasSuffix("; it is set aside"))
      // Steps of two batches, three in the first epoch; what the one that was thrown from did is not saved.
      #expect(
        lines[1] == "goes on from step-000000004.safetensors: 1 epochs and 2 batches are done")
      #expect(lines.count == 3 && lines[2].hasPrefix("epoch 2/2"))
    }
  }

  /// An epoch that was not watched is no epoch without an improvement.
  @Test func epochsBeforeEarlyStoppingDoNotCount() throws {
    var trainer = Small.trainer(Small.training(SGD(learningRate: 0)))
    try trainer.fit(epochs: 5) { Small.data.batches(of: 8, using: &$0) }
    trainer.validation = { _ in [("score", 1)] }
    trainer.earlyStopping = EarlyStopping(of: "score", .highest, patience: 3)
    let outcome = try trainer.fit(epochs: 100) { Small.data.batches(of: 8, using: &$0) }
    #expect(outcome == .stoppedEarly && trainer.training.epoch == 9)
  }

  @Test func anEpochIsTakenUpWithBatchesOfTheSameSize() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var trainer = Small.trainer(Small.training(SGD(learningRate: 0)))
      trainer.training.batch = 4
      try trainer.fit(epochs: 1, from: Loader(Small.data, batchSize: 16, seed: 1))
    }
    let printed = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    let message =
      "fit: epoch 0 was left after 4 batches, and the loader has 2 for it; "
      + "go on with batches of the same size"
    #expect(printed.contains(message), "\(printed.prefix(300))")
  }

  @Test func theScheduleGivesEachStepItsRate() throws {
    var trainer = Small.trainer(Small.training(SGD(learningRate: 9)))
    trainer.schedule = { 1 / Double($0 + 2) }
    var rates: [Double] = []
    trainer.afterStep = { training, report in
      rates.append(report.learningRate)
      #expect(training.step == report.step + 1 && report.gradientNorm == nil)
    }
    try trainer.fit(epochs: 1) { Small.data.batches(of: 8, using: &$0) }
    #expect(rates == (0..<5).map { 1 / Double($0 + 2) })
  }

  @Test func itStopsEarlyAndStaysStopped() throws {
    var trainer = Small.trainer(Small.training(SGD(learningRate: 0)))
    trainer.validation = { _ in [("score", 1)] }
    trainer.earlyStopping = EarlyStopping(of: "score", .highest, patience: 3)
    for _ in 0..<2 {
      let outcome = try trainer.fit(epochs: 100) { Small.data.batches(of: 8, using: &$0) }
      // The first is the best, and three are no better.
      #expect(outcome == .stoppedEarly && trainer.training.epoch == 4)
    }
  }

  @Test func aNameIsOfOneFigure() async {
    let metric = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var trainer = Small.trainer(Small.training(SGD(learningRate: 0)))
      trainer.metrics = [("loss", { _, _ in 77 })]
      try trainer.fit(epochs: 1) { Small.data.batches(of: 8, using: &$0) }
    }
    let ofMetric = String(decoding: metric?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      ofMetric.contains(
        "fit: the metrics are [\"loss\"], beside the loss; give each a name of its own"))
    let validation = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent])
    {
      var trainer = Small.trainer(Small.training(SGD(learningRate: 0)))
      trainer.validation = { _ in [("loss", 1)] }
      try trainer.fit(epochs: 1) { Small.data.batches(of: 8, using: &$0) }
    }
    let ofValidation = String(decoding: validation?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      ofValidation.contains(
        "History: loss is the name of something else too; give each value a name of its own"))
  }

  @Test func anEpochWithoutBatchesStops() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var trainer = Small.trainer(Small.training(SGD(learningRate: 0)))
      try trainer.fit(epochs: 3) { _ in [LabeledData]() }
    }
    let printed = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(printed.contains("fit: epoch 0 has no batches; give samples to train on"))
  }

  @Test func recordsOfNoStepsStop() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var trainer = Small.trainer(Small.training(SGD(learningRate: 0)))
      trainer.stepsBetweenRecords = 0
      try trainer.fit(epochs: 1) { Small.data.batches(of: 8, using: &$0) }
    }
    let printed = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(printed.contains("fit: a record is asked for every 0 steps; give 1 or more, or nil"))
  }

  @Test func whatIsWatchedHasToBeMeasured() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var trainer = Small.trainer(Small.training(SGD(learningRate: 0)))
      trainer.earlyStopping = EarlyStopping(of: "accuracy", .highest, patience: 3)
      try trainer.fit(epochs: 1) { Small.data.batches(of: 8, using: &$0) }
    }
    let printed = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    let message = "fit: nothing is measured under the name accuracy; watch one of loss"
    #expect(printed.contains(message), "\(printed.prefix(300))")
  }

  @Test func aCallerCanEndIt() throws {
    var trainer = Small.trainer(Small.training(SGD(learningRate: 0.1)))
    trainer.afterEpoch = { $0.epoch < 2 }
    let outcome = try trainer.fit(epochs: 100) { Small.data.batches(of: 8, using: &$0) }
    #expect(outcome == .stoppedByCaller && trainer.training.epoch == 2)
  }

  /// A last step of another size weighs what it has.
  @Test func accumulatedBatchesMakeTheStepOfOneLargeBatch() throws {
    var generator = Philox(seed: 4)
    let linear = Linear(4, 1, using: &generator).cast(to: .float64)
    let x = Tensor.normal([46, 4], dtype: .float64, using: &generator)
    let data = LabeledData(inputs: x, labels: (x * x).sum(over: [1], keepingAxes: true))
    func weights(batch: Int, accumulation: Int) throws -> Tensor {
      var trainer = Trainer(
        TrainingState(linear, SGD(learningRate: 0.1), generator: Philox(seed: 1))
      ) { (model: inout Linear, batch: LabeledData) in
        (meanSquaredError(model(batch.inputs, .training), batch.labels), [])
      }
      trainer.accumulation = accumulation
      try trainer.fit(epochs: 1) { _ in data.batchesInOrder(of: batch) }
      return trainer.training.model.weight
    }
    // 46 = 5·8 + 6.
    let (parts, whole) = try (
      weights(batch: 8, accumulation: 6), weights(batch: 46, accumulation: 1)
    )
    // Sums of 46 terms of about 1, in another order.
    #expect(parts.isClose(to: whole, relative: 46 * 0x1p-52, absolute: 46 * 0x1p-52))
    #expect(!parts.isClose(to: linear.weight))
  }
}

@Suite("Losses that are not finite")
struct NonFiniteTests {
  /// Takes the logarithm of a weight that gets smaller by 1 with each step.
  private struct Falling: Module {
    var weight = Tensor([1.5, 9])
    var layer = BatchNorm(2)
    mutating func visit(_ visitor: inout Visitor) {
      visitor.parameter("weight", &weight)
      visitor.child("layer", &layer)
    }
  }

  private func trainer(
    _ loss: @escaping (inout Falling, Int) -> Tensor
  ) -> Trainer<Falling, SGD, Int> {
    Trainer(
      TrainingState(Falling(), SGD(learningRate: 1), generator: Philox(seed: 1)),
      sampleCount: { _ in 1 }, loss: { (loss(&$0, $1), []) })
  }

  private func error(_ trainer: inout Trainer<Falling, SGD, Int>) -> NonFiniteError? {
    #expect(throws: NonFiniteError.self) {
      try trainer.fit(epochs: 1) { _ in 0..<10 }
    }
  }

  /// The gradient is 1 for each weight: 1.5, 0.5, −0.5, so that the third step has the logarithm of a
  /// negative number.
  @Test func theOperationAndItsGroupAreNamed() {
    var trainer = trainer { model, _ in
      model.weight.sum() + model.weight.grouped("Logarithm") { (model.weight.log() * 0).sum() }
    }
    let found = error(&trainer)
    #expect(found?.step == 2 && trainer.training.step == 2 && trainer.training.batch == 2)
    #expect([Float](trainer.training.model.weight) == [-0.5, 7])
    #expect(
      found?.description
        == "step 2: the loss is not finite: log: element 0 of its result, float32[2], is nan, "
        + "in Logarithm; its operands are finite")
  }

  @Test func theModuleWhoseParametersAreReadIsNamed() {
    var trainer = trainer { model, _ in
      model.layer((model.weight * 1e30 * 1e30).reshaped(to: [1, 2]), .inference).sum()
    }
    guard case .operation("multiply", "", _, _, _) = error(&trainer)?.origin else {
      Issue.record("the product is not found")
      return
    }
    trainer = self.trainer { model, _ in
      model.layer((model.weight * 1e30).reshaped(to: [1, 2]), .inference).sum()
    }
    trainer.training.model.layer.scale = Tensor([1e30, 1e30])
    guard case .operation(_, "BatchNorm (layer)", _, _, "inf") = error(&trainer)?.origin else {
      Issue.record("the layer is not found")
      return
    }
  }

  @Test func dataThatAreNotFiniteAreBlamed() {
    let trainer = trainer { model, batch in
      (model.weight * (batch == 3 ? Tensor([1, .nan]) : Tensor([1, 1]))).sum()
    }
    var copy = trainer
    let found = error(&copy)
    #expect(found?.step == 3 && found?.origin == .data)
  }

  @Test func aGradientThatIsNotFiniteIsFoundWhereItIsClipped() {
    var trainer = trainer { model, _ in (model.weight - model.weight.detached).squareRoot().sum() }
    trainer.clipping = .norm(1)
    let found = error(&trainer)
    #expect(found?.subject == "gradient" && found?.step == 0)
    guard case .operation = found?.origin else {
      Issue.record("\(String(describing: found))")
      return
    }
  }

  /// Of three batches the middle one has a gradient of 1/0, and the step is of all.
  @Test func theBatchOfAStepIsFoundWhoseGradientIsNotFinite() {
    var trainer = trainer { model, batch in
      let zero = model.weight - model.weight.detached
      return batch == 4 ? zero.grouped("Root") { zero.squareRoot().sum() } : model.weight.sum()
    }
    (trainer.clipping, trainer.accumulation) = (.norm(1), 3)
    let found = error(&trainer)
    #expect(found?.subject == "gradient" && found?.step == 1 && trainer.training.batch == 3)
    guard case .operation(_, _, _, let type, "inf") = found?.origin else {
      Issue.record("\(String(describing: found))")
      return
    }
    #expect(type == TensorType(.float32, [2]))
  }

  /// The loss of a batch depends on what the batches before it in its step have left: the third use of the model
  /// takes the logarithm of 0.
  @Test func theLossOfALaterBatchIsLookedAtAsItWas() {
    var trainer = trainer { model, _ in
      model.layer.runningMean += 1
      return model.weight.grouped("Logarithm") {
        (model.weight * (3 - model.layer.runningMean)).log().sum()
      }
    }
    trainer.accumulation = 5
    let found = error(&trainer)
    #expect(found?.subject == "loss" && found?.step == 0)
    #expect([Float](trainer.training.model.layer.runningMean) == [0, 0])
    guard case .operation("log", "Logarithm", 0, _, "-inf") = found?.origin else {
      Issue.record("\(String(describing: found))")
      return
    }
  }

  /// A mask of −∞ made by an operation is harmless under a softmax; what divides 0 by 0 afterwards is not.
  @Test func aMaskThatDoesNotReachTheLossIsNotNamed() {
    var trainer = trainer { model, _ in
      let mask = model.weight.grouped("Mask") { (model.weight * 0 + Tensor([0, 1])).log() }
      let shares = (model.weight + mask).softmax(along: 0)
      let zero = model.weight - model.weight.detached
      return shares.sum() + zero.grouped("Quotient") { zero / zero.squared() }.sum()
    }
    guard case .operation("divide", "Quotient", 0, _, "nan") = error(&trainer)?.origin else {
      Issue.record("the quotient is not found")
      return
    }
    // Both in one: −∞ and NaN among the operands of the softmax.
    trainer = self.trainer { model, _ in
      let mask = model.weight.grouped("Mask") { (model.weight * 0 + Tensor([0, 1])).log() }
      let root = model.weight.grouped("Root") { (model.weight * 0 - Tensor([0, 1])).squareRoot() }
      return (root + mask).softmax(along: 0).sum()
    }
    guard case .operation("sqrt", "Root", 1, _, "nan") = error(&trainer)?.origin else {
      Issue.record("the root is not found")
      return
    }
  }

  @Test func aParameterThatIsNotFiniteIsNamed() {
    var trainer = trainer { model, _ in
      model.layer(model.weight.reshaped(to: [1, 2]), .inference).sum()
    }
    trainer.training.model.layer.scale = Tensor([1, .infinity])
    #expect(error(&trainer)?.origin == .parameter("layer.scale"))
  }
}

@Suite("The profile of a step")
struct StepProfileTests {
  @Test func operationsAndLayersAreCounted() {
    var model = SmallNet(seed: 1)
    let profile = StepProfile(of: &model, repetitions: 2) { Small.loss(&$0, Small.data) }
    func calls(_ name: String) -> Int? { profile.operations.first { $0.name == name }?.calls }
    // The layer with a bias is affine. Backwards a weight gradient of each, and an input gradient of the
    // second.
    #expect(calls("matMul") == 4 && calls("affine") == 1)
    let names = Set(profile.layers.map(\.name))
    // The first layer, too, which is applied to data that are on no tape.
    let expected: Set = [
      "Linear (first)", "BatchNorm (norm)", "BatchNorm › running statistics (norm)",
      "Linear (last)", "Dropout",
    ]
    #expect(names.isSuperset(of: expected), "\(names)")
    let (byOperation, byLayer) = (
      profile.operations.reduce(0) { $0 + $1.byteCount },
      profile.layers.reduce(0) { $0 + $1.byteCount }
    )
    #expect(byOperation == byLayer && byOperation > 0)
    #expect(profile.seconds > 0)
    #expect(profile.description.contains("matMul"))
  }

  /// A layer of 3 → 50 features after one of 200 → 3, both of what is trained.
  private struct Uneven: Module {
    var x = Tensor.full([8, 200], 0.5)
    var (wide, narrow): (Linear, Linear)

    init() {
      var generator = Philox(seed: 5)
      wide = Linear(200, 3, bias: false, using: &generator)
      narrow = Linear(3, 50, bias: false, using: &generator)
    }

    mutating func visit(_ visitor: inout Visitor) {
      visitor.parameter("x", &x)
      visitor.child("wide", &wide)
      visitor.child("narrow", &narrow)
    }
  }

  /// A product of an [n, i] and an [o, i] matrix has two products on the way back, of the same three matrices.
  @Test func theWayBackOfALayerIsItsOwn() throws {
    var model = Uneven()
    let profile = StepProfile(of: &model, repetitions: 1) { model in
      model.narrow(model.wide(model.x.tanh(), .training), .training).sum()
    }
    for (name, inputs, features) in [("wide", 200, 3), ("narrow", 3, 50)] {
      let row = try #require(profile.layers.first { $0.name == "Linear (\(name))" })
      #expect(row.calls == 3 && row.backwardCalls == 2, "\(profile)")
      #expect(row.byteCount == 3 * 4 * (8 * inputs + features * inputs + 8 * features))
      #expect(row.seconds > row.backwardSeconds && row.backwardSeconds > 0)
    }
    let product = try #require(profile.operations.first { $0.name == "matMul" })
    #expect(product.calls == 6 && product.backwardCalls == 4)
  }
}
