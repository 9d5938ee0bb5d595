import Adjoint

/// Makes the learning rate smaller when a figure has not become better for a while: PyTorch's `ReduceLROnPlateau`
/// (which takes a negative figure that rises for better when it stays the same; here it is not).
///
/// ```swift
/// var plateau = Plateau(factor: 0.5, patience: 5)
/// for epoch in 0..<100 {
///   …
///   optimizer.learningRate = plateau.rate(optimizer.learningRate, after: validationLoss)
/// }
/// ```
public struct Plateau: Sendable {
  /// What the rate is multiplied by.
  public var factor: Double {
    didSet { requireShare(factor, "Plateau: the factor") }
  }
  /// How many figures in a row may be no better before that.
  public var patience: Int {
    didSet { require(patience >= 0, "Plateau: the patience is \(patience); give 0 or more") }
  }
  /// By which share of itself a figure has to be better to count.
  public var threshold: Double
  /// The rate does not become smaller than this.
  public var leastRate: Double {
    didSet { requireWithin(leastRate, 0, .greatestFiniteMagnitude, "Plateau: the least rate") }
  }
  /// Whether figures become better as they become larger, as an accuracy does.
  public var isRising: Bool
  /// The best figure so far; nil before the first.
  public private(set) var best: Double?
  /// How many figures in a row have been no better.
  public private(set) var badCount = 0

  /// Makes a watch over a figure.
  /// - Precondition: the factor is from 0 to below 1, the patience 0 or more.
  public init(
    factor: Double = 0.1, patience: Int = 10, threshold: Double = 1e-4, leastRate: Double = 0,
    isRising: Bool = false
  ) {
    requireShare(factor, "Plateau: the factor")
    require(patience >= 0, "Plateau: the patience is \(patience); give 0 or more")
    requireWithin(threshold, 0, 1, "Plateau: the threshold")
    requireWithin(leastRate, 0, .greatestFiniteMagnitude, "Plateau: the least rate")
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.leastRate = leastRate
    self.isRising = isRising
  }

  /// Returns the rate that follows a rate, after the next figure. One that is NaN is no better.
  public mutating func rate(_ rate: Double, after figure: Double) -> Double {
    if isBetter(figure) {
      best = figure
      badCount = 0
    } else {
      badCount += 1
    }
    guard badCount > patience else { return rate }
    badCount = 0
    return max(rate * factor, min(rate, leastRate))
  }

  private func isBetter(_ figure: Double) -> Bool {
    guard !figure.isNaN else { return false }
    guard let best else { return true }
    let margin = best.isFinite ? threshold * abs(best) : 0
    return isRising ? figure > best + margin : figure < best - margin
  }
}
