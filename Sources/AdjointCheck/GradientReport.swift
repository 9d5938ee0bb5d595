import Adjoint

/// What a gradient check found.
public struct GradientReport: Sendable, CustomStringConvertible {
  /// What was checked.
  public let name: String
  /// One result for each input that can have a gradient, and for each order of derivative.
  public let results: [InputResult]
  /// The seed of the random cotangents and directions.
  public let seed: UInt64

  /// Whether every gradient is right as far as could be told: none failed, and none was left
  /// undecided.
  public var passed: Bool { results.allSatisfy { $0.verdict == .pass } }

  /// The results that are not passes; empty if all passed.
  public var problems: [InputResult] { results.filter { $0.verdict != .pass } }

  /// One line for each input, and the numbers of the worst element where it did not pass.
  public var description: String {
    let header = "\(passed ? "PASS" : "FAIL") \(name)   seed \(seed)"
    return ([header] + results.map { "  \($0)" }).joined(separator: "\n")
  }
}

/// What the check of the gradient with respect to one input found.
public struct InputResult: Sendable, CustomStringConvertible {
  /// What the input is called.
  public let input: String
  /// Its type.
  public let type: TensorType
  /// 1 for the gradient, 2 for the derivative of the gradient.
  public let order: Int
  /// The verdict.
  public let verdict: Verdict
  /// The comparison that was furthest off, in its own tolerances; nil if there was nothing to
  /// compare.
  public let worst: Comparison?
  /// How many comparisons were made, and how many of them disagreed.
  public let comparisons: Int
  /// How many comparisons disagreed.
  public let disagreements: Int

  /// What can be said of a gradient.
  public enum Verdict: String, Sendable {
    /// It agrees with the finite differences.
    case pass
    /// It disagrees with two of them that agree with each other.
    case fail
    /// The finite differences are not exact enough to tell.
    case inconclusive
    /// Gradient and differences are both nothing but rounding error, so that no error could show.
    case vacuous
  }

  /// The derivative along one direction: an element, or a random mixture of all.
  public struct Comparison: Sendable {
    /// The element's indices; nil for a mixture.
    public let element: [Int]?
    /// ⟨gradient, direction⟩.
    public let analytic: Double
    /// The finite difference, and how far off it may be.
    public let numeric: (value: Double, error: Double)
    /// How far the two may lie apart.
    public let tolerance: Double
    /// The least relative error that would have been seen.
    public let resolution: Double
  }

  /// The verdict, and the numbers behind it.
  public var description: String {
    let what = "\(input) \(type)" + (order == 1 ? "" : ", order \(order)")
    guard let worst else { return "\(verdict.rawValue): \(what)" }
    if verdict == .pass {
      return "pass: \(what), \(comparisons) derivatives within a relative \(worst.resolution.brief)"
    }
    let place = worst.element.map { "element \($0)" } ?? "along a random direction"
    return
      "\(verdict.rawValue): \(what), \(disagreements) of \(comparisons) derivatives; \(place): "
      + "analytic \(worst.analytic), numeric \(worst.numeric.value) ± \(worst.numeric.error.brief), "
      + "tolerance \(worst.tolerance.brief)"
  }
}

extension Double {
  /// Two digits, such as 3.1e-12.
  fileprivate var brief: String {
    guard isFinite, self != 0 else { return "\(self)" }
    var (exponent, significand) = (0, abs(self))
    while significand >= 9.95 { (significand, exponent) = (significand / 10, exponent + 1) }
    while significand < 0.995 { (significand, exponent) = (significand * 10, exponent - 1) }
    return "\(self < 0 ? "-" : "")\((significand * 10).rounded() / 10)e\(exponent)"
  }
}
