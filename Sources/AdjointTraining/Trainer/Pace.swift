import AdjointNN

/// How fast a training is, and how long it will still take.
struct Pace {
  private let start = ContinuousClock.now
  private var epochs = 0
  /// The batches of an epoch, if that is known.
  private var batchesOfEpoch: Int?
  /// What was done since the start.
  private var (batches, samples) = (0, 0)

  /// Sets how much there is to do.
  mutating func epochs(_ epochs: Int, of batches: Int?) {
    (self.epochs, batchesOfEpoch) = (epochs, batches)
  }

  /// Counts what was done.
  mutating func count(batches: Int, samples: Int) {
    self.batches += batches
    self.samples += samples
  }

  /// What there is to say, with these numbers.
  func status<Model, Rule>(
    _ training: TrainingState<Model, Rule>, _ values: [(name: String, value: Double)]
  ) -> ProgressLine.Status {
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let left = batchesOfEpoch.map { count in
      Double((epochs - training.epoch) * count - training.batch) * seconds / Double(max(batches, 1))
    }
    return ProgressLine.Status(
      epoch: training.epoch + 1, of: epochs, step: training.batch, of: batchesOfEpoch,
      values: values, rate: seconds > 0 ? (Double(samples) / seconds, "samples") : nil,
      secondsLeft: left)
  }
}
