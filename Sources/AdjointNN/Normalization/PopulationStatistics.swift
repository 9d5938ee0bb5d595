import Adjoint

/// The count, the mean and Σ(x − mean)² of all values of each channel so far, in float64.
///
/// Source of the rule for merging: Chan, Golub & LeVeque, "Algorithms for computing the sample
/// variance" (1983), §2.
struct PopulationStatistics: Sendable {
  private var count = 0.0
  private(set) var mean: Tensor
  private var squares: Tensor

  init(channels: Int) {
    mean = .zeros([channels], dtype: .float64)
    squares = .zeros([channels], dtype: .float64)
  }

  /// The variance of all values, divided by n or by n − 1.
  func variance(_ estimate: BatchNorm.VarianceEstimate) -> Tensor {
    squares / (estimate == .unbiased ? count - 1 : count)
  }

  /// Whether there are enough values for a variance.
  var isKnown: Bool { count >= 2 }

  /// Adds a batch of n_b values for each channel, whose statistics are taken in float64: δ = m_b − m,
  /// m ← m + δ·n_b/n, M ← M + M_b + δ²·n_a·n_b/n. Not one whose statistics the batch's own type does not
  /// hold, as in training.
  mutating func merge(_ batch: Tensor, axis: Int) {
    let values = batch.cast(to: .float64)
    let others = (0..<batch.rank).filter { $0 != (axis < 0 ? axis + batch.rank : axis) }
    let (batchMean, variance) = (values.mean(over: others), values.variance(over: others))
    guard batchMean.isFinite(in: batch.dtype), variance.isFinite(in: batch.dtype) else { return }
    let size = Double(batch.count / batchMean.count)
    let total = count + size
    let shift = batchMean - mean
    mean += shift * (size / total)
    squares += variance * size + shift.squared() * (count * size / total)
    count = total
  }
}

/// How the statistics of a population are found from those of its batches.
public enum PopulationEstimate: Sendable {
  /// Merged by Chan's rule: the statistics of all values as if they were one batch, whatever the
  /// batches' sizes.
  case pooled
  /// The average of the batches' means and of their variances, as in algorithm 2 of Ioffe & Szegedy
  /// (2015).
  case averaged
}

extension Module {
  /// Replaces the running statistics of every batch norm inside by those of a whole data set.
  ///
  /// Each batch norm still normalizes with the statistics of the batch, as in training, while those
  /// of the data set are gathered. Batches with NaN or infinity, and those whose variance the element type
  /// cannot hold, are left out. Other state, such as random keys, does not change. A batch norm whose
  /// `statistics` are not `.byMode` keeps the running ones that it has.
  ///
  /// - Parameters:
  ///   - batches: the data set.
  ///   - estimate: how the batches' statistics become those of the population.
  ///   - forward: applies the model to a batch in training mode.
  /// - Precondition: a batch norm, if there is one, sees values of which statistics can be made, and can hold
  ///   those of all batches.
  public mutating func recomputeStatistics<Batches: Sequence>(
    over batches: Batches, _ estimate: PopulationEstimate = .pooled,
    forward: (inout Self, Batches.Element) throws -> Void
  ) rethrows {
    var copy = self
    copy.forEach(BatchNorm.self) { _, norm in
      norm.averaging = .cumulative
      norm.batchCount = .zeros([], dtype: .int32)
      if estimate == .pooled {
        norm.population = PopulationStatistics(channels: norm.runningMean.count)
      }
    }
    for batch in batches { try forward(&copy, batch) }
    // By their order: two may go by one name.
    var found: [BatchNorm] = []
    copy.forEach(BatchNorm.self) { _, norm in found.append(norm) }
    require(
      !found.contains(where: \.isAveraging) || found.contains(where: \.hasMeasured),
      "recomputeStatistics: no BatchNorm has seen two finite values of each channel; give it batches, "
        + "and apply the model in .training")
    var next = found.makeIterator()
    forEach(BatchNorm.self) { path, norm in
      if let measured = next.next(), measured.hasMeasured {
        norm.take(statisticsOf: measured, path)
      }
    }
  }
}

extension Tensor {
  /// Whether all elements are finite, also rounded to an element type.
  fileprivate func isFinite(in dtype: DType) -> Bool {
    [Double](cast(to: dtype)).allSatisfy(\.isFinite)
  }
}

extension BatchNorm {
  /// Whether statistics have been gathered with the layer.
  fileprivate var hasMeasured: Bool { population?.isKnown ?? (Int(batchCount) > 0) }

  /// Takes over the running statistics of a layer with which they were gathered.
  fileprivate mutating func take(statisticsOf other: BatchNorm, _ path: String) {
    guard let population = other.population else {
      runningMean = other.runningMean.detached
      runningVariance = other.runningVariance.detached
      return
    }
    let (dtype, variance) = (runningMean.dtype, population.variance(varianceEstimate))
    require(
      variance.isFinite(in: dtype),
      "recomputeStatistics: the variance of all batches is more than \(dtype) holds, at "
        + "\(path.isEmpty ? "BatchNorm" : path); scale the data")
    runningMean = population.mean.cast(to: dtype)
    runningVariance = variance.cast(to: dtype)
  }
}
