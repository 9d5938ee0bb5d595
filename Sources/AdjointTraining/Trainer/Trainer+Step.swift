import Adjoint
import AdjointNN

extension Trainer {
  /// The gradient of a step: the mean of those of its batches, clipped.
  private struct StepGradient {
    let gradient: Model
    /// The norm that it had, if clipping knows it.
    let norm: Double?
    let loss: Double
    let batches: Int
  }

  /// A batch, and the model as it was before: the state that others of the step have changed.
  private typealias Taken = (model: Model, batch: Batch)

  /// Takes a step along as many batches as it takes, or are left; nil if none is.
  ///
  /// Whatever throws, the training is as before the step: without what some batches have changed of
  /// running statistics and means.
  mutating func takeStep(
    _ pace: inout Pace, _ next: () throws -> Batch?
  ) throws -> StepReport? {
    let step = training.step
    var before: TrainingState<Model, Rule>? = training
    let found: StepGradient
    do {
      guard let gradient = try gradientOfStep(&pace, next) else { return nil }
      found = gradient
    } catch {
      if let before { training = before }
      throw error
    }
    // The optimizer may change in place what no one else refers to.
    before = nil
    if let schedule { training.optimizer.learningRate = schedule(step) }
    training.optimizer.update(&training.model, along: found.gradient)
    training.finishStep(batches: found.batches)
    return StepReport(
      step: step, loss: found.loss, learningRate: training.optimizer.learningRate,
      gradientNorm: found.norm)
  }

  private mutating func gradientOfStep(
    _ pace: inout Pace, _ next: () throws -> Batch?
  ) throws -> StepGradient? {
    var (accumulator, losses, taken) = (GradientAccumulator<Model>(), RunningMeans(), [Taken]())
    while taken.count < accumulation, let batch = try next() {
      let samples = sampleCount(batch)
      taken.append((training.model, batch))
      let (loss, gradient) = try gradient(of: batch)
      guard loss.isFinite else { throw notFinite("loss", taken.suffix(1)) }
      let weight = accumulation == 1 ? 1 : Double(samples)
      losses.add("loss", loss, weight: weight)
      accumulator.add(gradient, weight: weight)
      pace.count(batches: 1, samples: samples)
    }
    guard !taken.isEmpty else { return nil }
    var gradient = accumulator.takeMean()
    let norm = clipping?.clip(&gradient)
    if let norm, !norm.isFinite { throw notFinite("gradient", taken[...]) }
    return StepGradient(
      gradient: gradient, norm: norm, loss: losses["loss"], batches: taken.count)
  }

  /// The loss of a batch and its gradient; the model keeps what the loss has changed, and the means what was
  /// measured.
  private mutating func gradient(of batch: Batch) throws -> (loss: Double, gradient: Model) {
    let lossOf = loss
    let (loss, gradient, results) = try valueGradientAndResults(of: &training.model) { model in
      try lossOf(&model, batch)
    }
    let (value, weight) = (Double(loss), Double(sampleCount(batch)))
    guard value.isFinite else { return (value, gradient) }
    training.means.add("loss", value, weight: weight)
    for (name, measure) in metrics {
      training.means.add(name, measure(results, batch), weight: weight)
    }
    return (value, gradient)
  }

  /// The error of a step that goes wrong along some of its batches: along which first, and where.
  private mutating func notFinite(_ subject: String, _ taken: ArraySlice<Taken>) -> NonFiniteError {
    progress?.endLine()
    let lossOf = loss
    let origin = taken.lazy.compactMap { model, batch in
      var model = model
      return try? originOfNonFinite(in: &model) { try lossOf(&$0, batch).loss }
    }.first
    return NonFiniteError(step: training.step, subject: subject, origin: origin)
  }
}
