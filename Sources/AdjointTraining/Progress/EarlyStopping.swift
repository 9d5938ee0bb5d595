import Adjoint

/// When to stop since nothing has got better.
///
/// It keeps nothing: what it says follows from the numbers so far, so that a training that is resumed stops
/// where it would have.
public struct EarlyStopping: Sendable, Equatable {
  /// The name of what is watched.
  public let metric: String
  /// Which numbers are better.
  public let goal: Goal
  /// After how many in a row that are no better it stops.
  public let patience: Int
  /// By how much a number has to be better to count.
  public let margin: Double

  /// Makes a rule.
  /// - Precondition: the patience is positive, the margin not negative.
  public init(of metric: String, _ goal: Goal, patience: Int, margin: Double = 0) {
    require(
      patience > 0 && margin >= 0,
      "EarlyStopping: the patience is \(patience), the margin \(margin); give a patience of 1 or more, "
        + "and a margin of 0 or more")
    (self.metric, self.goal) = (metric, goal)
    (self.patience, self.margin) = (patience, margin)
  }

  /// Whether to stop after these numbers; NaN is never better.
  public func stops(after values: some Sequence<Double>) -> Bool {
    var (best, waited): (Double?, Int) = (nil, 0)
    for value in values {
      let bar = best.map { goal == .lowest ? $0 - margin : $0 + margin }
      if !value.isNaN, bar.map({ goal.prefers(value, to: $0) }) ?? true {
        (best, waited) = (value, 0)
      } else {
        waited += 1
        if waited >= patience { return true }
      }
    }
    return false
  }
}
