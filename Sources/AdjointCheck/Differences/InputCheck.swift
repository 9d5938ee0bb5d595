import Adjoint

/// The check of the gradient with respect to one input of a function.
struct InputCheck {
  let subject: Subject
  let index: Int
  let name: String
  let order: Int
  let gradient: [Double]
  /// Gradients that rounding cannot tell from it; nil as long as none are needed.
  private var foundNearby: Subject.Nearby?
  var nearby: Subject.Nearby { foundNearby ?? Subject.Nearby() }
  let line: Line
  let expectation: Expectation?
  var generator: Philox
  /// What is still to be compared, the next one last.
  private var pending: [Direction]
  private(set) var outcomes:
    [(direction: Direction, comparison: InputResult.Comparison, outcome: Outcome)] = []
  private(set) var noise: Double?
  private var (confirmedCount, invariantCount) = (0, 0)
  private var hasLookedAround = false

  /// Nothing agrees so well by chance, and need agree no better.
  private static let finest = 1e-9

  /// A relative error that does not show below this leaves a check undecided.
  private var coarsestResolution: Double {
    if case .tolerance(_, let relative) = expectation { max(1e-3, 2 * relative) } else { 1e-3 }
  }

  init(
    _ subject: Subject, _ index: Int, name: String, order: Int, gradient: [Double],
    nearby: Subject.Nearby?, seed: UInt64, options: CheckOptions
  ) {
    self.subject = subject
    self.index = index
    self.name = name
    self.order = order
    self.gradient = gradient
    foundNearby = nearby
    line = Line(subject, index)
    expectation = options.expectation(of: name)
    generator = Philox(seed: seed, draw: UInt64(index + 1) << 32)
    pending = InputCheck.directions(line.origin, gradient, options, using: &generator).reversed()
  }

  /// Whether all directions have been compared.
  var isComplete: Bool { pending.isEmpty }
  /// How many directions are still to be compared.
  var pendingCount: Int { pending.count }

  /// Compares the derivatives along the next direction.
  mutating func advance() {
    guard let direction = pending.popLast() else { return }
    let result = compare(direction)
    switch result.outcome {
    case .disagrees: confirmedCount += 1
    case .invariant: invariantCount += 1
    default: break
    }
    outcomes.append((direction, result.comparison, result.outcome))
  }

  /// Forgets what came of directions along which the function has no derivative, as was declared.
  mutating func forgetKinks() {
    outcomes.removeAll { item in
      switch item.outcome {
      case .kink, .undecided: true
      default: false
      }
    }
  }

  /// Only so many directions are to be compared, as time does not allow all: two mixtures first, then elements
  /// spread over the input.
  mutating func thin(to count: Int) {
    guard pending.count > count else { return }
    let mixtures = (0..<min(count, 2)).map { _ in
      Direction.random(around: line.origin, using: &generator)
    }
    let elements = pending.reversed().filter { $0.element != nil }
    let more = max(count - mixtures.count, 0)
    let some = (0..<min(more, elements.count)).map { elements[$0 * elements.count / more] }
    pending = (mixtures + some).reversed()
  }

  // MARK: One direction

  private mutating func compare(
    _ direction: Direction
  ) -> (comparison: InputResult.Comparison, outcome: Outcome) {
    // Noise is measured only where it decides: nothing agrees to nine digits by chance.
    let (first, surroundings) = line.derivative(
      along: direction, noise: 0, from: line.usualStep(along: direction),
      // Gradients are linear in the cotangents; what is fine in the function, its own gradient's check has seen.
      leastRows: order == 1 ? 3 : 2
    ) { difference in
      let found = self.comparison(direction, difference)
      return agrees(found) && found.resolution <= InputCheck.finest
    }
    guard case .smooth(let step) = surroundings else {
      if let rest = direction.leavingZeros(of: line.origin) { return compare(rest) }
      if noise == nil { noise = typicalNoise() }
      return kinked(direction, surroundings)
    }
    var comparison = comparison(direction, first)
    guard comparison.analytic.isFinite else {
      return (comparison, line.notFinite(comparison.analytic, along: direction))
    }
    if isResolved(comparison) { return (comparison, .agrees) }
    if foundNearby == nil {
      findNearby(draws: 3)
      comparison = self.comparison(direction, first)
      if isResolved(comparison) { return (comparison, .agrees) }
    }
    // Once derivatives have been looked at by all means, others that look the same are the same: the first that is
    // wrong decides, and the rest only show what it looks like.
    // Not where rounding may be what is off: noise, which counts as 0 so far, agrees with itself by chance.
    let rounding = 10 * subject.epsilon * subject.scale / step
    if confirmedCount >= 1, comparison.isFarOff(beyond: rounding),
      !isBelowRounding(comparison, direction)
    {
      return (comparison, .disagrees)
    }
    if invariantCount >= 2, agrees(comparison), isRounding(comparison, direction) {
      return (comparison, .invariant)
    }
    return compareClosely(direction, within: step)
  }

  /// The noise along a random direction.
  private mutating func typicalNoise() -> Double {
    let direction = Direction.random(around: line.origin, using: &generator)
    let step = line.usualStep(along: direction)
    return max(
      line.noise(along: direction),
      line.rounding(along: direction, within: step, using: &generator))
  }

  /// The comparison with the noise along this very direction, and with all steps that can be believed.
  private mutating func compareClosely(
    _ direction: Direction, within step: Double
  ) -> (comparison: InputResult.Comparison, outcome: Outcome) {
    let noise = line.noise(along: direction)
    let long = line.longDerivative(along: direction, noise: noise, from: step, using: &generator)
    let resolved = comparison(direction, long)
    if isResolved(resolved) { return (resolved, .agrees) }
    let check = self
    var best = line.consistentDerivative(
      along: direction, noise: noise, within: step, knowing: long, using: &generator
    ) { difference in
      let found = check.comparison(direction, difference)
      return found.analytic != 0 && check.agrees(found) && found.resolution <= InputCheck.finest
    } unless: { difference in
      // A number that is not 0, found by other means to three digits, is no coincidence.
      let found = check.comparison(direction, difference)
      let size = abs(found.analytic)
      return size > 0 && abs(found.analytic - found.numeric) <= 1e-3 * size
        && found.tolerance <= 1e-3 * size
    }
    if !agrees(comparison(direction, best.difference)) {
      best.difference.error += line.roundingOfChange(
        along: direction, within: best.step, using: &generator)
    }
    lookAround(unless: agrees(comparison(direction, best.difference)))
    let comparison = comparison(direction, best.difference)
    guard comparison.tolerance.isFinite else {
      return (comparison, .undecided("no finite difference is finite"))
    }
    if isResolved(comparison) { return (comparison, .agrees) }
    let gap = abs(comparison.analytic - comparison.numeric)
    // Rounding of the inputs that moves the gradient so much may have broken a tie.
    let rounding = line.rounding(along: direction, within: step, using: &generator)
    if let kink = opaqueKink(direction, max(gap, comparison.tolerance), max(noise, rounding)) {
      return (comparison, kink)
    }
    if isRounding(comparison, direction) { return (comparison, .invariant) }
    if agrees(comparison), isFaint(comparison, direction) { return (comparison, .faint) }
    // Where the function is smooth, a gradient that rounding turns into another one is none of it.
    let jumps = comparison.resolution > 0.1 && gap > 10 * comparison.error + comparison.rounding
    if agrees(comparison), !jumps {
      return (comparison, .undecided(Self.inexact))
    }
    return (comparison, confirmed(direction, comparison, best, noise))
  }

  /// Finds more gradients that rounding cannot tell from it, once, before a disagreement is believed: by chance the
  /// few there are may all have been moved by errors that cancel.
  private mutating func lookAround(unless agrees: Bool) {
    guard !agrees, !hasLookedAround else { return }
    hasLookedAround = true
    findNearby(draws: 9)
    foundNearby?.rounded += subject.gradientsOfRoundedValues(index, gradient, using: &generator)
  }

  /// Finds more gradients that rounding cannot tell from it.
  private mutating func findNearby(draws: Int) {
    let gradients = subject.inputs.indices.map { $0 == index ? gradient : nil }
    let more = subject.nearbyGradients(gradients, draws: draws, using: &generator)[index]
    foundNearby = Subject.Nearby(
      beside: nearby.beside + more.beside, rounded: nearby.rounded + more.rounded)
  }

  static let inexact = "the finite differences are not exact enough to tell"

  /// Whether gradient and difference agree, and a mistake would have shown.
  private func isResolved(_ comparison: InputResult.Comparison) -> Bool {
    agrees(comparison) && comparison.resolution <= coarsestResolution
  }

  func agrees(_ comparison: InputResult.Comparison) -> Bool {
    abs(comparison.analytic - comparison.numeric) <= comparison.tolerance
  }

  func comparison(
    _ direction: Direction, _ difference: FiniteDifference
  ) -> InputResult.Comparison {
    let analytic = direction.product(with: gradient)
    // Inputs are known to one unit in the last place, and were moved by two.
    let moved = max(
      moved(nearby.beside, along: direction) / 2, moved(nearby.rounded, along: direction))
    let rounding = 8 * Double.ulpOfOne * direction.sumOfMagnitudes(with: gradient)
    var tolerance = 10 * (difference.error + moved) + rounding + underflow(along: direction)
    let size =
      direction.element == nil
      ? max(
        direction.lengthOfMoved(gradient) * direction.length, abs(difference.value),
        difference.gross)
      : max(abs(analytic), abs(difference.value), difference.gross)
    if case .tolerance(_, let relative) = expectation { tolerance += relative * size }
    let element = direction.element.map { subject.inputs[index].type.indices(of: $0) }
    return InputResult.Comparison(
      element: element, analytic: analytic, numeric: difference.value, error: difference.error,
      tolerance: tolerance, resolution: size > 0 ? tolerance / size : 0, rounding: rounding)
  }
}
