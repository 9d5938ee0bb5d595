import Adjoint

/// What can be said of a gradient.
public enum Verdict: String, Sendable, Codable, CaseIterable {
  /// It agrees with the finite differences.
  case pass
  /// The function has no derivative at the point, and the gradient is one of its subgradients.
  case kink
  /// It disagrees with finite differences that agree with each other.
  case fail
  /// The finite differences are not exact enough to tell.
  case inconclusive
  /// Gradient and differences are nothing but rounding error, so that no mistake could show: the
  /// cotangents or the point have to be chosen otherwise.
  case vacuous
  /// Two evaluations at the same point differ.
  case nondeterministic
  /// A rule that holds for every gradient does not hold: the finding says which.
  case structural

  /// Whether the gradient is right as far as can be told.
  public var isAcceptable: Bool { self == .pass || self == .kink }
}

/// What a gradient check found.
public struct GradientReport: Sendable, Codable, CustomStringConvertible {
  /// What was checked.
  public let name: String
  /// The seed of the random cotangents and directions.
  public let seed: UInt64
  /// What is wrong with the function or its gradient as a whole; empty if nothing is.
  public let findings: [Finding]
  /// One result for each input that can have a gradient, and for each order of derivative.
  public let results: [InputResult]
  /// How often the function was evaluated.
  public let evaluations: Int

  /// Whether every gradient is right as far as could be told: none failed, none was left undecided.
  public var passed: Bool { findings.isEmpty && problems.isEmpty }

  /// The results that are no passes; empty if all passed.
  public var problems: [InputResult] { results.filter { !$0.verdict.isAcceptable } }

  /// The verdicts on the whole and on each input, each once.
  public var verdicts: Set<Verdict> {
    Set(findings.map(\.verdict) + results.map(\.verdict))
  }

  /// The report for people: a line for each input; for a failure, where it is furthest off and what
  /// it looks like.
  public var description: String {
    let header = "\(passed ? "PASS" : "FAIL") \(name)   seed \(seed)"
    let lines =
      findings.map { "  \($0.verdict.rawValue): \($0.message)" } + results.map { "  \($0)" }
    let reproduce = passed ? [] : ["  to reproduce: the same call with seed: \(seed)"]
    return ([header] + lines + reproduce).joined(separator: "\n")
  }
}

/// Something that is wrong with a function or its gradient as a whole.
public struct Finding: Sendable, Codable {
  /// ``Verdict/nondeterministic``, ``Verdict/structural``, or ``Verdict/fail`` in float32 alone.
  public let verdict: Verdict
  /// What is wrong, by how much, and what it means.
  public let message: String
}

/// What the check of the gradient with respect to one input found.
public struct InputResult: Sendable, Codable, CustomStringConvertible {
  /// What the input is called.
  public let input: String
  /// Its shape.
  public let shape: [Int]
  /// 1 for the gradient, 2 for the derivative of the gradient.
  public let order: Int
  /// The verdict.
  public let verdict: Verdict
  /// The comparison that was furthest off, in its own tolerances; nil if there was nothing to
  /// compare.
  public let worst: Comparison?
  /// How many comparisons were made.
  public let comparisons: Int
  /// How many of them disagreed, or, if none did, were left undecided.
  public let disagreements: Int
  /// What the mistake looks like; nil if there is none, or it looks like nothing known.
  public let diagnosis: Diagnosis?
  /// Why the verdict is what it is, where the numbers do not say it; such as the operation at a
  /// kink.
  public let reason: String?

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

    /// The distance of gradient and difference in tolerances; −1 where neither is a number.
    var distance: Double {
      let distance = abs(analytic - numeric) / tolerance
      return distance.isNaN ? (analytic.isFinite ? -1 : .infinity) : distance
    }
  }

  /// The verdict, and the numbers behind it.
  public var description: String {
    let what = "\(input) \(shape)" + (order == 1 ? "" : ", order \(order)")
    let because = reason.map { ": " + $0 } ?? ""
    guard let worst else { return "\(verdict.rawValue): \(what)\(because)" }
    if verdict == .pass {
      let resolution = worst.resolution.brief
      return
        "pass: \(what), \(comparisons) derivatives; a relative error of \(resolution) would show"
    }
    let place = worst.element.map { "element \($0)" } ?? "along a random direction"
    var text =
      "\(verdict.rawValue): \(what)\(because)\n    \(place): analytic \(worst.analytic)  "
      + "numeric \(worst.numeric) ± \(worst.error.brief)  tolerance \(worst.tolerance.brief)"
    if verdict != .kink { text += "\n    \(disagreements) of \(comparisons) derivatives" }
    if let diagnosis { text += "\n    looks like: \(diagnosis.explanation)" }
    return text
  }
}

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
