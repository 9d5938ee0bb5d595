import Adjoint

extension InputCheck {
  /// The result if the point is on a kink: the gradient must be a subgradient there.
  ///
  /// It must lie between the slopes to both sides for each element, and for mixtures of elements:
  /// of those whose slope rises, along which the function is convex, and of those whose slope
  /// falls. The plain sum is among the mixtures: it shows a gradient that was given to every tied
  /// winner.
  mutating func kinkResult(
    _ outcomes: [(comparison: InputResult.Comparison, outcome: Outcome)]
  ) -> InputResult? {
    var (rising, falling): ([Int], [Int]) = ([], [])
    var (reason, wrong, undecided) = ("", 0, 0)
    for (place, item) in outcomes.enumerated() {
      guard case .kink(let below, let above, let text) = item.outcome else { continue }
      if reason.isEmpty { reason = "not differentiable at \(text)" }
      let error = below.error + above.error
      if !(error <= 1e-4 * max(abs(below.value), abs(above.value), length)) { undecided += 1 }
      if !isBetween(item.comparison.analytic, below, above) { wrong += 1 }
      if above.value - below.value > error { rising.append(place) }
      if below.value - above.value > error { falling.append(place) }
    }
    guard !reason.isEmpty else { return nil }
    let comparisons = outcomes.map(\.comparison)
    if undecided > 0 {
      let text =
        reason + "; its slopes are not finite or not exact enough to tell: it may jump there"
      return result(.inconclusive, comparisons, undecided, reason: text)
    }
    if wrong == 0, gradient.count <= InputCheck.exhaustiveCount {
      for mixture in mixtures(of: rising) + mixtures(of: falling) {
        let (below, above) = line.oneSidedDerivatives(along: mixture, noise: noise)
        if !isBetween(mixture.product(with: gradient), below, above) { wrong += 1 }
      }
    }
    let isValid = wrong == 0
    reason += "; the gradient is \(isValid ? "a valid" : "no") subgradient"
    return result(
      isValid ? .kink : .fail, comparisons, min(wrong, comparisons.count), reason: reason)
  }

  private func isBetween(
    _ analytic: Double, _ below: FiniteDifference, _ above: FiniteDifference
  ) -> Bool {
    let (least, most) = (min(below.value, above.value), max(below.value, above.value))
    let slack = 10 * (below.error + above.error) + 1e-12 * max(abs(least), abs(most))
    return analytic >= least - slack && analytic <= most + slack
  }

  private mutating func mixtures(of elements: [Int]) -> [Direction] {
    guard elements.count > 1 else { return [] }
    func direction(_ weight: (Int) -> Double) -> Direction {
      var mixture = Array(repeating: 0.0, count: gradient.count)
      for element in elements { mixture[element] = weight(element) }
      return Direction(mixture: mixture)
    }
    return [direction { _ in 1 }]
      + (0..<6).map { _ in
        let draw = generator.nextDraw()
        return direction(draw.normal)
      }
  }
}
