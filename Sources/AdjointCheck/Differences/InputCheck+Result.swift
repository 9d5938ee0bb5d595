import Adjoint

extension InputCheck {
  /// What came of one direction.
  enum Outcome {
    case agrees
    case disagrees
    case undecided(String)
    case kink(below: FiniteDifference, above: FiniteDifference, where: String)
    /// Both are rounding: no change along the direction changes the result beyond it.
    case invariant
    /// They agree, but are so small beside the outputs that only a large relative error would show.
    case faint

    var isFaint: Bool { if case .faint = self { true } else { false } }
  }

  /// The verdict on what has been compared so far.
  mutating func result() -> InputResult {
    guard !gradient.isEmpty else { return result(.independent, reason: "it has no elements") }
    if case .stopped = expectation {
      let agrees = outcomes.contains { if case .agrees = $0.outcome { true } else { false } }
      return result(
        .declared,
        reason: "its gradient is stopped on purpose, and not compared"
          + (agrees && outcomes.allSatisfy { self.agrees($0.comparison) }
            ? ", though it is that of the finite differences: the declaration is not needed" : ""))
    }
    let failures = outcomes.filter { if case .disagrees = $0.outcome { true } else { false } }
    if !failures.isEmpty { return failure(failures.map(\.comparison)) }
    var kinked: InputResult?
    if case .kink = expectation {
      forgetKinks()
      if outcomes.isEmpty {
        return result(
          .declared, reason: "it is on a kink on purpose, and no derivative is compared")
      }
    } else {
      kinked = kinkResult()
    }
    // A kink of one element says nothing of the others.
    if let kinked, kinked.verdict != .kink || order == 2 { return kinked }
    if kinked == nil, outcomes.allSatisfy(\.comparison.isZero),
      !line.changesOutputs(using: &generator)
    {
      return result(.independent, reason: "the outputs do not depend on it here")
    }
    if let undecided = undecidedResult() { return undecided }
    let faint = outcomes.filter(\.outcome.isFaint)
    if isFaint {
      return result(
        .inconclusive, faint.count,
        reason: "it is too small beside the rounding of the outputs; try another point or scale")
    }
    if let kinked { return kinked }
    let invariant = outcomes.filter { if case .invariant = $0.outcome { true } else { false } }
    guard !invariant.isEmpty else {
      if case .invariant = expectation {
        return result(.fail, reason: "it is declared invariant, but the result depends on it")
      }
      return result(.pass, reason: untested(faint.map(\.comparison)))
    }
    let zeroCount = outcomes.count { item in
      if case .invariant = item.outcome { false } else { item.comparison.isZero }
    }
    guard invariant.count + zeroCount == outcomes.count else {
      return result(
        .pass,
        reason:
          "along \(invariant.count) of them no change of it changes the result beyond rounding")
    }
    return result(
      order == 1 ? .vacuous : .pass,
      reason: "zero by invariance: no change of it changes the result beyond rounding")
  }

  /// Where derivatives agree only coarsely; nil if none do.
  private func untested(_ faint: [InputResult.Comparison]) -> String? {
    guard !faint.isEmpty else { return nil }
    let places = faint.prefix(4).map { $0.element.map { "\($0)" } ?? "a mixture" }
    let more = faint.count > 4 ? " and \(faint.count - 4) more" : ""
    return "not tested: " + places.joined(separator: ", ") + more
  }

  /// The result if some of the comparisons do not tell.
  private func undecidedResult() -> InputResult? {
    var (reasons, comparisons): ([String], [InputResult.Comparison]) = ([], [])
    for (_, comparison, outcome) in outcomes {
      guard case .undecided(let reason) = outcome else { continue }
      comparisons.append(comparison)
      if !reasons.contains(reason) { reasons.append(reason) }
    }
    guard !comparisons.isEmpty else { return nil }
    return result(
      .inconclusive, comparisons.count, worst: comparisons.max { $0.resolution < $1.resolution },
      reason: reasons.joined(separator: "; ") + "; try another point or scale")
  }

  private func failure(_ wrong: [InputResult.Comparison]) -> InputResult {
    let x = [Double](subject.inputs[index])
    let type = subject.inputs[index].type
    let elements = outcomes.map(\.comparison).filter { $0.element != nil }
      .sorted { type.position(of: $0.element!) < type.position(of: $1.element!) }
    let diagnosis = Diagnosis(
      gradient: gradient, comparisons: elements, x: x, shape: type.shape)
    return result(
      .fail, wrong.count, worst: wrong.max { $0.distance < $1.distance }, diagnosis: diagnosis,
      reason: diagnosis == nil ? InputCheck.inWords(wrong) : nil)
  }

  /// What wrong derivatives have in common, where nothing known explains them.
  private static func inWords(_ wrong: [InputResult.Comparison]) -> String? {
    let errors = wrong.filter { $0.numeric != 0 && $0.analytic.isFinite }
      .map { abs($0.analytic / $0.numeric - 1) }
    guard let least = errors.min(), let most = errors.max() else { return nil }
    let signs = Set(wrong.map { $0.analytic.magnitude > $0.numeric.magnitude })
    let direction = signs.count == 2 ? "" : signs == [true] ? ", all too large" : ", all too small"
    let range = errors.count == 1 ? "\(most.brief)" : "\(least.brief) to \(most.brief)"
    return "off by \(range) of the right value\(direction)"
  }

  func result(
    _ verdict: Verdict, _ disagreements: Int = 0, worst: InputResult.Comparison? = nil,
    diagnosis: Diagnosis? = nil, reason: String? = nil, isAtKink: Bool = false
  ) -> InputResult {
    let comparisons = outcomes.map(\.comparison)
    let resolved = outcomes.compactMap { item -> Double? in
      // What is 0 on both sides has no relative error.
      if case .agrees = item.outcome, item.comparison.resolution > 0 {
        item.comparison.resolution
      } else {
        nil
      }
    }
    return InputResult(
      input: name, shape: subject.inputs[index].shape, order: order, verdict: verdict,
      worst: worst ?? comparisons.max { $0.distance < $1.distance }, comparisons: comparisons.count,
      disagreements: disagreements, untested: outcomes.count { $0.outcome.isFaint },
      mixtures: comparisons.count { $0.element == nil },
      resolution: resolved.max(), diagnosis: diagnosis, reason: reason, isAtKink: isAtKink)
  }
}
