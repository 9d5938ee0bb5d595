import Adjoint
import AdjointCheck

/// A gradient to check, wrong or right, at a point that follows from a seed.
public struct GradientCase: Sendable, CustomStringConvertible {
  /// What is wrong with it, or hard about it.
  public let name: String
  /// The name of the ``CaseKind`` that it is listed under.
  public internal(set) var kind = ""
  /// What the report should say that the mistake looks like; nil if it leaves no trace of its own.
  public let pattern: Diagnosis.Pattern?
  /// Whether the function has no derivative at the point, nor a subgradient: no gradient is right there, and
  /// the check should leave it undecided.
  public internal(set) var isUndecidable = false
  /// Runs the check.
  public let check: @Sendable (_ seed: UInt64) -> GradientReport

  public var description: String { kind.isEmpty ? name : "\(kind): \(name)" }

  init(
    _ name: String, looksLike pattern: Diagnosis.Pattern? = nil,
    check: @escaping @Sendable (UInt64) -> GradientReport
  ) {
    self.name = name
    self.pattern = pattern
    self.check = check
  }

  /// A case of an operation at normally distributed inputs of the given shapes, of which every
  /// extent is larger by 0, 1 or 2, as the seed says.
  init(
    _ operation: some Operation, _ shapes: [[Int]], looksLike pattern: Diagnosis.Pattern? = nil,
    order: Int = 1, scale: Double = 1
  ) {
    self.init(operation.name, looksLike: pattern) { seed in
      var generator = Philox(seed: seed &+ 1000)
      let inputs = shapes.map { shape in
        let extents = shape.map { $0 + Int(seed % 3) }
        return Tensor.normal(extents, deviation: scale, dtype: .float64, using: &generator)
      }
      return checkGradients(of: operation, at: inputs, order: order, seed: seed)
    }
  }

  /// What a report makes of the case.
  public func outcome(of report: GradientReport) -> Outcome {
    if report.passed { return .passed }
    return report.verdicts.isDisjoint(with: [.fail, .structural, .nondeterministic])
      ? .undecided : .failed
  }

  /// What can be said of a gradient, in short.
  public enum Outcome: Sendable {
    /// It is right.
    case passed
    /// It is wrong.
    case failed
    /// Neither could be told.
    case undecided
  }
}
