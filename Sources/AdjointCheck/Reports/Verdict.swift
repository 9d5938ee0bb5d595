/// What can be said of a gradient.
public enum Verdict: String, Sendable, Codable, CaseIterable {
  /// It agrees with the finite differences.
  case pass
  /// The function has no derivative at the point, and the gradient is one of its subgradients.
  case kink
  /// The outputs do not depend on the input, at the point and beside it, and the gradient is 0.
  case independent
  /// It was declared to be what it is, and was not compared.
  case declared
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
  public var isAcceptable: Bool {
    switch self {
    case .pass, .kink, .independent, .declared: true
    case .fail, .inconclusive, .vacuous, .nondeterministic, .structural: false
    }
  }
}
