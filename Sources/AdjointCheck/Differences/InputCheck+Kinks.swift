import Adjoint

extension InputCheck {
  /// What is to be said of a direction along which the point is on a kink.
  mutating func kinked(
    _ direction: Direction, _ surroundings: Line.Surroundings
  ) -> (comparison: InputResult.Comparison, outcome: Outcome) {
    guard case .kink(let operation, let element) = surroundings else {
      return (comparison(direction, FiniteDifference()), .undecided("there is no difference"))
    }
    return kinked(direction, noise ?? 0, "\(operation), its element \(element)")
  }

  private func kinked(
    _ direction: Direction, _ noise: Double, _ place: String
  ) -> (comparison: InputResult.Comparison, outcome: Outcome) {
    let (below, above) = line.oneSidedDerivatives(along: direction, noise: noise)
    let middle = FiniteDifference(
      value: (below.value + above.value) / 2, error: below.error + above.error)
    return (comparison(direction, middle), .kink(below: below, above: above, where: place))
  }

  /// The kink or jump of a kernel that does not tell of its pieces; nil where the function is smooth.
  ///
  /// Slopes that differ as much at every step are a kink, changes as large at every step a jump.
  func opaqueKink(_ direction: Direction, _ gap: Double, _ noise: Double) -> Outcome? {
    let changes = [1e-2, 1e-3, 1e-4].map { line.changes(along: direction, atShare: $0) }
    let sizes = changes.map { max(abs($0.below), abs($0.above)) }
    let floor = 10 * noise
    guard let least = sizes.min(), let most = sizes.max() else { return nil }
    let isLarge = least > max(100 * floor, 1e4 * .ulpOfOne * subject.scale)
    if isLarge, least > most / 2, least > gap * changes[2].step / 100,
      isSame(along: direction, least, floor: 10 * floor, { max(abs($0.below), abs($0.above)) })
    {
      return .undecided("the function jumps there")
    }
    guard abs(changes[0].above - changes[0].below) > 64 * .ulpOfOne * subject.scale else {
      return nil
    }
    let kinks = changes.map { abs($0.above - $0.below) / $0.step }
    guard let least = kinks.min(), let most = kinks.max() else { return nil }
    guard least > floor / changes[2].step, least > gap / 100, least > most / 2,
      isSame(
        along: direction, least, floor: 10 * floor, { abs($0.above - $0.below) / $0.step })
    else { return nil }
    return kinked(direction, noise, "a kernel that does not tell of its pieces").outcome
  }

  /// Whether smaller steps say the same, as far as rounding lets them: a bend or a slope that is only narrow is smooth
  /// from nearby.
  private func isSame(
    along direction: Direction, _ size: Double, floor: Double,
    _ measure: ((below: Double, above: Double, step: Double)) -> Double
  ) -> Bool {
    for share in [1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10] {
      let changes = line.changes(along: direction, atShare: share)
      let largest = max(abs(changes.below), abs(changes.above))
      guard largest > max(floor, 1e3 * .ulpOfOne * subject.scale) else { return true }
      if measure(changes) < size / 2 { return false }
    }
    return true
  }

  /// The result if the point is on a kink: the gradient must be a subgradient there.
  ///
  /// It must lie between the slopes to both sides for each element, and for mixtures of elements:
  /// of those whose slope rises, along which the function is convex, and of those whose slope
  /// falls. The plain sum is among the mixtures: it shows a gradient that was given to every tied
  /// winner.
  mutating func kinkResult() -> InputResult? {
    var (rising, falling): ([Direction], [Direction]) = ([], [])
    var (reason, wrong, undecided) = ("", 0, 0)
    var (untold, worst): (Int, InputResult.Comparison?) = (0, nil)
    for (direction, comparison, outcome) in outcomes {
      guard case .kink(let below, let above, let text) = outcome else { continue }
      if reason.isEmpty { reason = "not differentiable at \(text)" }
      let error = below.error + above.error
      let isExact = error <= 1e-4 * max(abs(below.value), abs(above.value), length(of: gradient))
      let isValid = isSubgradient(comparison.analytic, below, above, direction)
      guard direction.element != nil else {
        // A mixture crosses many kinks, of which some rise and some fall: what they add up to may
        // lie outside of the slopes to both sides.
        if !isExact || !isValid { untold += 1 }
        continue
      }
      if !isExact { undecided += 1 }
      if !isValid {
        wrong += 1
        if comparison.distance > worst?.distance ?? -1 { worst = comparison }
      }
      if above.value - below.value > error { rising.append(direction) }
      if below.value - above.value > error { falling.append(direction) }
    }
    guard !reason.isEmpty else { return nil }
    if untold == outcomes.count {
      return result(
        .inconclusive, untold,
        reason: reason + "; of directions that cross several kinks nothing "
          + "can be told: allow more time, or elements, or try another point", isAtKink: true)
    }
    if undecided > 0, order == 2 {
      // The gradient jumps where the function has a kink: there it has no derivative to compare with.
      return result(
        .kink, reason: reason + "; the gradient jumps there, and its derivative is not compared",
        isAtKink: true)
    }
    if undecided > 0 {
      let text =
        reason + "; its slopes are not finite or not exact enough to tell: it may jump there"
      return result(.inconclusive, undecided, reason: text, isAtKink: true)
    }
    if wrong == 0 {
      for mixture in mixtures(of: rising) + mixtures(of: falling) {
        let (below, above) = line.oneSidedDerivatives(along: mixture, noise: noise ?? 0)
        let analytic = mixture.product(with: gradient)
        if !isSubgradient(analytic, below, above, mixture) { wrong += 1 }
      }
    }
    let isValid = wrong == 0
    reason += "; the gradient is \(isValid ? "a valid" : "no") subgradient"
    if untold > 0 {
      reason += "; \(untold) of the random directions cross several kinks, and do not tell"
    }
    return result(
      isValid ? .kink : .fail, min(wrong, outcomes.count), worst: worst, reason: reason,
      isAtKink: true)
  }

  /// Whether some element is on a kink.
  var isKinked: Bool {
    outcomes.contains { if case .kink = $0.outcome { true } else { false } }
  }

  /// 1 for the elements on a kink at which the slope rises, or falls.
  func kinkedElements(rising: Bool) -> [Double] {
    var direction = gradient.map { _ in 0.0 }
    for case (let moved, _, .kink(let below, let above, _)) in outcomes {
      guard let element = moved.element, (above.value > below.value) == rising else { continue }
      direction[element] = 1
    }
    return direction
  }

  /// Whether a derivative lies between the slopes to both sides; or between what the outputs make of theirs,
  /// each of which may choose its own; or between those at points around, as that of the middle one of three that tie.
  private mutating func isSubgradient(
    _ analytic: Double, _ below: FiniteDifference, _ above: FiniteDifference,
    _ direction: Direction
  ) -> Bool {
    if isBetween(analytic, below, above) { return true }
    let step = line.usualStep(along: direction) / 4096
    let slopes = subject.slopes(
      to: line.evaluation(direction, -step), line.evaluation(direction, step), step: step)
    let slack = 1e-3 * slopes.size
    if analytic >= slopes.least - slack, analytic <= slopes.most + slack,
      slopes.most - slopes.least > 100 * slack
    {
      return true
    }
    let around = (0..<24).map { _ in
      line.slope(along: direction, besideBy: 64 * step, step: step / 16, using: &generator)
    }
    guard let least = around.min(), let most = around.max() else { return false }
    let width = 1e-3 * (most - least)
    return analytic >= least - width && analytic <= most + width
      && most - least > 1e-2 * max(abs(least), abs(most))
  }

  private func isBetween(
    _ analytic: Double, _ below: FiniteDifference, _ above: FiniteDifference
  ) -> Bool {
    let (least, most) = (min(below.value, above.value), max(below.value, above.value))
    let slack = 10 * (below.error + above.error) + 1e-12 * max(abs(least), abs(most))
    return analytic >= least - slack && analytic <= most + slack
  }

  private mutating func mixtures(of elements: [Direction]) -> [Direction] {
    let places = elements.compactMap(\.element)
    guard places.count > 1 else { return [] }
    func direction(_ weight: (Int) -> Double) -> Direction {
      var mixture = Array(repeating: 0.0, count: gradient.count)
      for place in places { mixture[place] = weight(place) }
      return Direction(mixture: mixture)
    }
    return [direction { _ in 1 }]
      + (0..<6).map { _ in
        let draw = generator.nextDraw()
        return direction(draw.normal)
      }
  }
}
