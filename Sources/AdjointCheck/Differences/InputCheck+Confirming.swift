extension InputCheck {
  /// Whether a disagreement is one: other steps must say the same, there must be no kink beside the
  /// point that no operation tells of, and nothing that the rounding of outputs may hide.
  mutating func confirmed(
    _ direction: Direction, _ comparison: InputResult.Comparison,
    _ best: (difference: FiniteDifference, step: Double), _ noise: Double
  ) -> Outcome {
    if isBelowRounding(comparison, direction) { return .invariant }
    if order == 2 {
      // What cancels within a kernel moves in stairs, which small steps do not see.
      let rounded = line.consistentDerivative(
        along: direction, noise: max(noise, 8 * .ulpOfOne * uncancelled), within: best.step,
        using: &generator
      ).difference
      if agrees(self.comparison(direction, rounded)) {
        return isFaint(comparison, direction) ? .faint : .undecided(Self.inexact)
      }
    }
    let gap = abs(comparison.analytic - comparison.numeric)
    let second = line.derivative(
      along: direction, noise: noise, from: best.step / 8, ratio: 2
    ).difference
    let agree =
      abs(best.difference.value - second.value) <= 10 * (best.difference.error + second.error)
    guard agree, abs(comparison.analytic - second.value) > 10 * second.error else {
      return .undecided("the finite differences of different steps do not agree with each other")
    }
    if gap > 0.1 * max(abs(comparison.analytic), abs(comparison.numeric)),
      isFoundByShortSteps(comparison.analytic, direction)
    {
      return .undecided("steps of different sizes find different derivatives")
    }
    let hidden =
      line.roundingOfUnmoved(along: direction) / line.usualStep(along: direction)
    return gap > 10 * hidden ? .disagrees : .invariant
  }

  /// Whether steps hardly longer than rounding allows find a derivative, to two digits: where they do, longer ones may
  /// all be longer than a period.
  private func isFoundByShortSteps(_ derivative: Double, _ direction: Direction) -> Bool {
    let found = line.derivative(
      along: direction, noise: 0, from: 0x1p-26 * line.usualStep(along: direction), ratio: 2
    ).difference
    let size = 0.01 * abs(derivative)
    return found.error <= size && abs(found.value - derivative) <= size
  }
}
