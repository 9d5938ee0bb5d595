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
  /// What a reader should know, though nothing is wrong with it: what was not compared, and why.
  public let notes: [String]
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
    let isWrong = !verdicts.isDisjoint(with: [.fail, .structural, .nondeterministic])
    let header = "\(passed ? "PASS" : isWrong ? "FAIL" : "UNDECIDED") \(name)   seed \(seed)"
    let lines =
      findings.map { "  \($0.verdict.rawValue): \($0.message)" } + results.map { "  \($0)" }
      + notes.map { "  note: \($0)" }
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
