/// What the check of the gradient with respect to one input found.
public struct InputResult: Sendable, Codable, CustomStringConvertible {
  /// What the input is called.
  public let input: String
  /// Its shape.
  public let shape: [Int]
  /// 1 for the gradient, 2 for the derivative of the gradient.
  public let order: Int
  /// The verdict.
  public private(set) var verdict: Verdict
  /// The number of the point: 1 for the given one, more for those beside it.
  public private(set) var point = 1
  /// The comparison that was furthest off, in its own tolerances; nil if there was nothing to
  /// compare.
  public let worst: Comparison?
  /// How many comparisons were made.
  public let comparisons: Int
  /// How many of them disagreed, or, if none did, were left undecided.
  public let disagreements: Int
  /// How many of them agreed, but are so small beside the rounding of the outputs that only a large mistake would
  /// have shown.
  public let untested: Int
  /// How many of the comparisons were along random mixtures of all elements.
  public let mixtures: Int
  /// The least relative error that would have been seen in each of those that agree; nil if none do.
  public let resolution: Double?
  /// What the mistake looks like; nil if there is none, or it looks like nothing known.
  public let diagnosis: Diagnosis?
  /// Why the verdict is what it is, where the numbers do not say it; such as the operation at a
  /// kink.
  public private(set) var reason: String?
  /// Whether the point is on a kink.
  let isAtKink: Bool

  /// The derivative along one direction: an element, or a random mixture of all.
  public struct Comparison: Sendable, Codable {
    /// The element's indices; nil for a mixture.
    public let element: [Int]?
    /// ⟨gradient, direction⟩.
    public let analytic: Double
    /// The finite difference.
    public let numeric: Double
    /// How far off the finite difference may be.
    public let error: Double
    /// How far gradient and difference may lie apart.
    public let tolerance: Double
    /// The least relative error that would have been seen.
    public let resolution: Double
    /// The part of the tolerance that is rounding of the gradient itself.
    let rounding: Double

    /// Whether gradient and difference lie so far apart that no doubt is left, by more than may be rounding, and the
    /// difference is exact.
    func isFarOff(beyond rounding: Double) -> Bool {
      abs(analytic - numeric) > max(1e3 * tolerance, rounding)
        && tolerance < 1e-6 * max(abs(analytic), abs(numeric))
    }

    /// Whether gradient and difference are both exactly 0.
    var isZero: Bool { analytic == 0 && numeric == 0 }

    /// The distance of gradient and difference in tolerances; −1 where neither is a number.
    var distance: Double {
      let distance = abs(analytic - numeric) / tolerance
      return distance.isNaN ? (analytic.isFinite ? -1 : .infinity) : distance
    }
  }

  /// How many derivatives were compared, and which.
  private var coverage: String {
    let count = shape.reduce(1, *)
    let elements = comparisons - mixtures
    guard mixtures > 0 || elements < count else {
      return "\(elements) derivative\(elements == 1 ? "" : "s")"
    }
    let directions = "along \(mixtures) random direction\(mixtures == 1 ? "" : "s")"
    let some = "in \(elements) of \(count) elements"
    if elements == 0 { return directions }
    return mixtures == 0 ? some : "\(directions) and \(some)"
  }

  /// How many of the derivatives were not tested, if some were not.
  private var untestedCount: String {
    guard untested > 0 else { return "" }
    return
      ", \(untested) of which \(untested == 1 ? "was" : "were") not tested: too small beside the rounding of "
      + "the outputs"
  }

  /// The verdict, and the numbers behind it.
  public var description: String {
    let what =
      "\(input) \(shape)" + (order == 1 ? "" : ", order \(order)")
      + (point == 1 ? "" : ", point \(point)")
    let because = reason.map { ": " + $0 } ?? ""
    guard let worst, verdict != .independent, verdict != .declared else {
      return "\(verdict.rawValue): \(what)\(because)"
    }
    if verdict == .pass {
      var text = "pass: \(what), \(coverage)"
      text += untestedCount
      if let resolution {
        let others = untested > 0 ? " in the others" : ""
        text += "; a relative error of \(resolution.brief) would show\(others)"
      }
      return text + (reason.map { "; " + $0 } ?? "")
    }
    let place = worst.element.map { "element \($0)" } ?? "along a random direction"
    var text =
      "\(verdict.rawValue): \(what)\(because)\n    \(place): analytic \(worst.analytic)  "
      + "numeric \(worst.numeric) ± \(worst.error.brief)  tolerance \(worst.tolerance.brief)"
    if verdict != .kink { text += "\n    \(disagreements) of \(comparisons) derivatives" }
    if verdict == .kink, untested > 0 { text += "\n    \(coverage)\(untestedCount)" }
    if let diagnosis { text += "\n    looks like: \(diagnosis.explanation)" }
    return text
  }
}

extension Double {
  /// Two digits, such as 3.1e-12.
  var brief: String {
    guard isFinite, self != 0 else { return "\(self)" }
    var (exponent, significand) = (0, abs(self))
    while significand >= 9.95 { (significand, exponent) = (significand / 10, exponent + 1) }
    while significand < 0.995 { (significand, exponent) = (significand * 10, exponent - 1) }
    return "\(self < 0 ? "-" : "")\((significand * 10).rounded() / 10)e\(exponent)"
  }
}

extension InputResult {
  /// The same with another verdict, and more reason.
  func with(_ verdict: Verdict, adding text: String = "") -> InputResult {
    var result = self
    result.verdict = verdict
    result.reason = [reason, text].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "; ")
    return result
  }

  /// The same at a point with another number.
  func at(point: Int) -> InputResult {
    var result = self
    result.point = point
    return result
  }
}
