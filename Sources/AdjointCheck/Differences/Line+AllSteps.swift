import Adjoint

extension Line {
  /// The derivative along a direction from many steps, with the rounding of the values that they lead to.
  func longDerivative(
    along direction: Direction, noise: Double, from step: Double, roundingOfPoint: Double? = nil,
    using generator: inout Philox
  ) -> FiniteDifference {
    // Large steps lead to large values, and these have large rounding errors.
    let rounding = rounding(
      along: direction, within: step, ofPoint: roundingOfPoint, using: &generator)
    let noise = max(noise, rounding)
    let (difference, surroundings) = derivative(
      along: direction, noise: noise, from: step, ratio: 2, rows: 12)
    if case .smooth = surroundings { return difference }
    return FiniteDifference()
  }

  /// The derivative along a direction from the steps that can be believed, of all magnitudes.
  ///
  /// From small to large: a larger step is believed as long as what it says agrees with the smaller ones
  /// within their error bars. A large step may cross what a small one sees, and be wrong with a small error
  /// bar, as the average of an oscillation is; a small one is lost in noise, and says so.
  ///
  /// - Parameters:
  ///   - known: what the steps from `step` on say, if that is known.
  ///   - isExact: whether a value with its error bar need be no better.
  ///   - isConvincing: whether a value is that of another way to find it.
  func consistentDerivative(
    along direction: Direction, noise: Double, within step: Double,
    knowing known: FiniteDifference? = nil, using generator: inout Philox,
    until isExact: (FiniteDifference) -> Bool = { _ in false },
    unless isConvincing: (FiniteDifference) -> Bool = { _ in false }
  ) -> (difference: FiniteDifference, step: Double) {
    let first = step
    let roundingOfPoint = roundingOfPoint(along: direction, using: &generator)
    let usual = usualStep(along: direction)
    var steps = [0x1p-20, 0x1p-10, 1].map { $0 * step }
    if let own = ownStep(of: direction), own < step {
      steps = [own / 1_048_576, own / 1024, own] + steps.filter { $0 > own }
    }
    if step == usual, !subject.isConfined { steps += [8 * step, 512 * step, 524288 * step] }
    var best: (difference: FiniteDifference, step: Double)?
    var unmoved: FiniteDifference?
    var convincing: (difference: FiniteDifference, step: Double)?
    var isOver = false
    for step in steps {
      let isKnown = step == first && known != nil
      let next =
        isKnown
        ? known!
        : longDerivative(
          along: direction, noise: noise, from: step, roundingOfPoint: roundingOfPoint,
          using: &generator)
      guard next.error.isFinite else { continue }
      if step <= usual, isConvincing(next) { convincing = (next, step) }
      if !isOver, next.error == 0, next.value == 0 {
        // A step at which nothing moves says that the change is less than rounding.
        unmoved = FiniteDifference(value: 0, error: subject.epsilon * subject.scale / step)
        continue
      }
      if best == nil, let unmoved { best = (unmoved, step) }
      guard let smaller = best else {
        best = (next, step)
        if isExact(next) { break }
        continue
      }
      let isConsistent =
        abs(next.value - smaller.difference.value)
        <= 4 * (next.error + smaller.difference.error)
      // Larger steps than one that disagrees are of no more use, but for what they may confirm.
      isOver = isOver || !isConsistent
      if isOver { continue }
      if next.error < smaller.difference.error { best = (next, step) }
      if isExact(next) { break }
    }
    let found = best ?? (unmoved ?? FiniteDifference(), step)
    // Small steps may see only a part, where rounding hides what the others see.
    guard let convincing else { return found }
    let gap = abs(found.difference.value - convincing.difference.value)
    return gap > 0.5 * abs(convincing.difference.value) ? convincing : found
  }
}
