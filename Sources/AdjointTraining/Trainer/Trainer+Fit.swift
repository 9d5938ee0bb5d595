import Adjoint
import AdjointData
import AdjointNN

extension Trainer {
  /// Trains until so many epochs are done, counted from the first of all, also before a checkpoint.
  ///
  /// What throws within a step leaves the training as it was before that step.
  /// - Parameters:
  ///   - epochs: how many.
  ///   - batches: the batches of an epoch, in an order that the generator decides alone: after a checkpoint
  ///     those of the epoch that are done are drawn again and passed over.
  /// - Throws: ``NonFiniteError`` at the first loss that is not finite, ``CheckpointError``, and what closures
  ///   throw.
  @discardableResult
  public mutating func fit<Batches: Sequence>(
    epochs: Int, _ batches: (inout Philox) throws -> Batches
  ) throws -> TrainingOutcome where Batches.Element == Batch {
    try run(epochs: epochs) { training, generator in
      let all = try batches(&generator)
      var iterator = all.dropFirst(training.batch).makeIterator()
      let count = all.underestimatedCount
      return ({ iterator.next() }, count > 0 ? count : nil)
    }
  }

  /// Trains until so many epochs are done, on the batches of a loader; after a checkpoint an epoch is taken up
  /// in its middle.
  @discardableResult
  public mutating func fit<Source: SampleSource>(
    epochs: Int, from loader: Loader<Source>
  ) throws -> TrainingOutcome where Batch == LabeledData {
    try run(epochs: epochs) { training, _ in
      require(
        training.batch <= loader.batchCount,
        "fit: epoch \(training.epoch) was left after \(training.batch) batches, and the loader has "
          + "\(loader.batchCount) for it; go on with batches of the same size")
      let epoch = loader.epoch(training.epoch, from: training.batch)
      return ({ try epoch.next() }, loader.batchCount)
    }
  }

  /// Goes on from what is in the folder, the first time.
  private mutating func resume() throws {
    guard let checkpoints, checkpoints.resumes, !hasBegun else {
      hasBegun = true
      return
    }
    let found = try checkpoints.folder.restore(&training)
    hasBegun = true
    guard let found else { return }
    for error in found.damaged { progress?.say("\(error); it is set aside") }
    progress?.say(
      "goes on from \(found.file.lastPathComponent): \(training.epoch) epochs and "
        + "\(training.batch) batches are done")
  }

  /// Trains on what gives the next batch of an epoch, of so many if that is known.
  private mutating func run(
    epochs: Int,
    _ batches: (TrainingState<Model, Rule>, inout Philox) throws -> (() throws -> Batch?, Int?)
  ) throws -> TrainingOutcome {
    require(
      accumulation > 0 && epochs >= 0,
      "fit: \(epochs) epochs with steps of \(accumulation) batches; give 0 or more, and 1 or more")
    for (what, steps) in [("record", stepsBetweenRecords), ("checkpoint", checkpoints?.steps)] {
      require(
        steps.map { $0 > 0 } ?? true,
        "fit: a \(what) is asked for every \(steps ?? 0) steps; give 1 or more, or nil")
    }
    let names = ["loss"] + metrics.map(\.name)
    require(
      Set(names).count == names.count,
      "fit: the metrics are \(metrics.map(\.name)), beside the loss; give each a name of its own")
    try resume()
    var pace = Pace()
    while training.epoch < epochs {
      if let rule = earlyStopping {
        // Epochs before a checkpoint may have been without it.
        let values = training.history.rows.compactMap { $0.values[rule.metric] }
        if rule.stops(after: values) { return .stoppedEarly }
      }
      var generator = training.generator
      let (next, count) = try batches(training, &generator)
      pace.epochs(epochs, of: count)
      while let step = try takeStep(&pace, next) {
        try finishStep(step, &pace)
        if interrupt?.isRequested == true {
          progress?.endLine()
          if let checkpoints { try checkpoints.folder.save(training) }
          return .interrupted
        }
      }
      require(
        training.batch > 0, "fit: epoch \(training.epoch) has no batches; give samples to train on")
      if try !finishEpoch(generator, &pace) { return .stoppedByCaller }
    }
    return .finished
  }

  /// Records, shows and saves what is to be after a step.
  private mutating func finishStep(_ step: StepReport, _ pace: inout Pace) throws {
    if let steps = stepsBetweenRecords, training.step.isMultiple(of: steps) {
      training.stepHistory.record(
        epoch: training.epoch, step: training.step,
        [("loss", step.loss), ("learning rate", step.learningRate)]
          + (step.gradientNorm.map { [("gradient norm", $0)] } ?? []))
    }
    try afterStep?(&training, step)
    if let checkpoints, let steps = checkpoints.steps, training.step.isMultiple(of: steps) {
      try checkpoints.folder.save(training)
    }
    progress?.show(pace.status(training, training.means.means))
  }

  /// Measures, records, shows and saves what is to be after an epoch; false if the training is to end.
  private mutating func finishEpoch(_ generator: Philox, _ pace: inout Pace) throws -> Bool {
    let values = training.means.means + (try validation?(training.model) ?? [])
    let status = pace.status(training, values)
    training.finishEpoch(generator)
    training.history.record(epoch: training.epoch, step: training.step, values)
    for metric in [earlyStopping?.metric, checkpoints?.best?.metric].compactMap(\.self) {
      require(
        training.history.names.contains(metric),
        "fit: nothing is measured under the name \(metric); watch one of "
          + training.history.names.joined(separator: ", "))
    }
    progress?.finishEpoch(status)
    let goesOn = try afterEpoch?(&training) ?? true
    if let checkpoints {
      let best = checkpoints.best.map { training.history.best($0.goal, $0.metric) }
      try checkpoints.folder.save(
        training, isBest: best == training.history.rows.count - 1)
    }
    return goesOn
  }
}
