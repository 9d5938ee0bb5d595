/// What a wrong gradient looks like.
public struct Diagnosis: Sendable, Codable, Equatable {
  /// The kind of mistake.
  public let pattern: Pattern
  /// The same for people, with the numbers and axes.
  public let explanation: String

  /// The kinds of mistakes that leave a trace of their own.
  public enum Pattern: String, Sendable, Codable, CaseIterable {
    /// The gradient is 0 where it should not be.
    case zero
    /// The gradient has the wrong sign.
    case sign
    /// The gradient is a multiple of the right one.
    case factor
    /// The gradient is a different multiple of the right one for each index of some axes.
    case channelFactor
    /// The gradient of a square is that of its transpose, or otherwise out of order.
    case order
    /// What is missing is constant along some axes: the gradient of a mean.
    case meanTerm
    /// What is missing is a multiple of the centred input: the gradient of a variance.
    case varianceTerm
    /// Both of these are missing.
    case meanAndVarianceTerm
    /// Only the first or the last slice along an axis is wrong.
    case border
    /// Only few elements are wrong.
    case fewElements
    /// The error is that of float32 everywhere.
    case singlePrecision
    /// The gradient is the same for other cotangents.
    case upstreamIgnored
  }
}

extension Diagnosis {
  /// What a wrong gradient looks like, from its error r = g − D; nil if it looks like nothing
  /// known.
  init?(
    gradient: [Double], comparisons: [InputResult.Comparison], x: [Double], shape: [Int]
  ) {
    // Mixtures and samples of a large input do not show patterns over its axes.
    guard comparisons.count == gradient.count, gradient.allSatisfy(\.isFinite),
      comparisons.allSatisfy({ $0.numeric.isFinite }),
      let guess = Residual(
        gradient: gradient, differences: comparisons.map(\.numeric), x: x, shape: shape
      ).guess()
    else { return nil }
    self.init(pattern: guess.pattern, explanation: guess.explanation)
  }
}
