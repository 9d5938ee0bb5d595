import Adjoint

/// How far the running statistics of a batch norm are from those of a data set.
///
/// Both are measured by what they change: inference subtracts the one mean where training would have
/// subtracted about the other.
public struct StatisticsGap: Sendable, CustomStringConvertible {
  /// The path of the batch norm.
  public let path: String
  /// (running mean − mean)/√(variance + ε) for each channel, float64[C]: in deviations.
  public let meanOffset: Tensor
  /// (running variance + ε)/(variance + ε) for each channel, float64[C].
  public let varianceRatio: Tensor

  /// The largest offset of a channel's mean, in deviations.
  public var largestOffset: Double { Double(meanOffset.magnitude().max()) }
  /// The smallest and the largest ratio of the variances of a channel.
  /// - Precondition: no ratio is NaN, as that of a running variance which is.
  public var ratios: ClosedRange<Double> {
    let (smallest, largest) = extremes
    require(
      smallest <= largest,
      "ratios: a variance of \(name) is NaN, and so are the smallest and the largest ratio; look at varianceRatio"
    )
    return smallest...largest
  }

  private var extremes: (Double, Double) {
    (Double(varianceRatio.min()), Double(varianceRatio.max()))
  }

  private var name: String { path.isEmpty ? "BatchNorm" : path }

  /// For people: `norm: means off by up to 0.25 deviations, variances 0.81 to 1.32 times those of the data`.
  public var description: String {
    func short(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
    let (smallest, largest) = extremes
    return
      "\(name): means off by up to \(short(largestOffset)) deviations, variances "
      + "\(short(smallest)) to \(short(largest)) times those of the data"
  }
}

extension Module {
  /// Returns how far the running statistics of each batch norm are from those of a data set, in the order of
  /// `visit`.
  ///
  /// ```swift
  /// for gap in model.statisticsGap(over: batches, forward: { model, x in _ = model(x, .training) }) {
  ///   print(gap)
  /// }
  /// ```
  ///
  /// A large gap is why a model is good in training and bad in inference: the averages lag behind weights
  /// that move fast, or the data are others. ``recomputeStatistics(over:_:forward:)``, whose parameters these
  /// are, closes it. The model does not change.
  ///
  /// - Returns: a gap for each batch norm that averages.
  public func statisticsGap<Batches: Sequence>(
    over batches: Batches, forward: (inout Self, Batches.Element) throws -> Void
  ) rethrows -> [StatisticsGap] {
    var (own, measured) = (self, self)
    try measured.recomputeStatistics(over: batches, forward: forward)
    var norms: [BatchNorm] = []
    measured.forEach(BatchNorm.self) { _, norm in norms.append(norm) }
    var next = norms.makeIterator()
    var gaps: [StatisticsGap] = []
    own.forEach(BatchNorm.self) { path, norm in
      guard let other = next.next(), norm.isAveraging else { return }
      func wide(_ x: Tensor) -> Tensor { x.detached.cast(to: .float64) }
      let variance = wide(other.runningVariance) + norm.epsilon
      gaps.append(
        StatisticsGap(
          path: path,
          meanOffset: (wide(norm.runningMean) - wide(other.runningMean)) / variance.squareRoot(),
          varianceRatio: (wide(norm.runningVariance) + norm.epsilon) / variance))
    }
    return gaps
  }
}
