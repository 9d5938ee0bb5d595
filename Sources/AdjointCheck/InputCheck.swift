import Adjoint

/// The check of the gradient with respect to one input of a function.
struct InputCheck {
  private let subject: Subject
  private let index: Int
  private let name: String
  private let order: Int
  let gradient: [Double]
  private let perturbed: [[Double]]
  let line: Line
  var generator: Philox
  private(set) var noise = 0.0

  /// Inputs with more elements are checked along random directions, and in some of their elements.
  static let exhaustiveCount = 512
  /// A relative error that does not show below this leaves a check undecided.
  private static let coarsestResolution = 1e-4

  init(
    _ subject: Subject, _ index: Int, name: String, order: Int, gradient: [Double],
    perturbed: [[Double]], seed: UInt64
  ) {
    self.subject = subject
    self.index = index
    self.name = name
    self.order = order
    self.gradient = gradient
    self.perturbed = perturbed
    line = Line(subject, index)
    generator = Philox(seed: seed, draw: UInt64(index + 1) << 32)
  }

  /// What came of one direction.
  enum Outcome {
    case agrees
    case disagrees
    case undecided
    case kink(below: FiniteDifference, above: FiniteDifference, where: String)
  }

  mutating func run() -> InputResult {
    guard !gradient.isEmpty else { return result(.pass, []) }
    noise =
      (0..<3).map { _ in
        line.noise(along: .random(gradient.count, using: &generator))
      }.max() ?? 0
    var outcomes: [(comparison: InputResult.Comparison, outcome: Outcome)] = []
    for direction in directions() { outcomes.append(compare(direction)) }
    let comparisons = outcomes.map(\.comparison)
    let failures = outcomes.filter { if case .disagrees = $0.outcome { true } else { false } }.count
    if failures > 0 {
      let diagnosis = Diagnosis(
        gradient: gradient, comparisons: comparisons, x: [Double](subject.inputs[index]),
        shape: subject.inputs[index].shape)
      return result(.fail, comparisons, failures, diagnosis: diagnosis)
    }
    if let kinked = kinkResult(outcomes) { return kinked }
    if !line.changesOutputs(along: .random(gradient.count, using: &generator)) {
      return result(.pass, comparisons)
    }
    let unobservable = line.unobservableGradient(noise: noise)
    let isNoise = comparisons.allSatisfy {
      max(abs($0.analytic), abs($0.numeric)) <= max($0.tolerance, unobservable)
    }
    if isNoise, order == 1 {
      let reason =
        "both are rounding error, though the outputs depend on the input; no mistake could show"
      return result(.vacuous, comparisons, reason: reason)
    }
    let undecided = outcomes.filter { if case .undecided = $0.outcome { true } else { false } }
      .count
    if undecided > 0, !isNoise {
      let reason = "the finite differences are not exact enough to tell; try another point or scale"
      return result(.inconclusive, comparisons, undecided, reason: reason)
    }
    return result(.pass, comparisons)
  }

  func result(
    _ verdict: Verdict, _ comparisons: [InputResult.Comparison], _ disagreements: Int = 0,
    diagnosis: Diagnosis? = nil, reason: String? = nil
  ) -> InputResult {
    InputResult(
      input: name, shape: subject.inputs[index].shape, order: order, verdict: verdict,
      worst: comparisons.max { $0.distance < $1.distance }, comparisons: comparisons.count,
      disagreements: disagreements, diagnosis: diagnosis, reason: reason)
  }

  /// The directions to check: each element, or for large inputs 8 random mixtures, the first and
  /// the last element, and one at random from each of 62 equal parts.
  private mutating func directions() -> [Direction] {
    let count = gradient.count
    if count <= InputCheck.exhaustiveCount { return (0..<count).map(Direction.init(element:)) }
    let mixtures = (0..<8).map { _ in Direction.random(count, using: &generator) }
    let draw = generator.nextDraw()
    let spread = (0..<62).map { part in
      Direction(element: Int((Double(part) + draw.uniform(part)) / 62 * Double(count)))
    }
    return mixtures + [Direction(element: 0), Direction(element: count - 1)] + spread
  }

  /// Compares the derivatives along one direction.
  private func compare(
    _ direction: Direction
  ) -> (comparison: InputResult.Comparison, outcome: Outcome) {
    switch line.surroundings(along: direction) {
    case .smooth(let share):
      return compare(direction, within: share)
    case .kink(let operation, let element):
      let (below, above) = line.oneSidedDerivatives(along: direction, noise: noise)
      let comparison = comparison(
        direction,
        FiniteDifference(value: (below.value + above.value) / 2, below.error + above.error))
      return (
        comparison, .kink(below: below, above: above, where: "\(operation), its element \(element)")
      )
    }
  }

  private func comparison(
    _ direction: Direction, _ difference: FiniteDifference
  ) -> InputResult.Comparison {
    let analytic = direction.product(with: gradient)
    let moved = perturbed.map { abs(direction.product(with: $0) - analytic) }.max() ?? 0
    let rounding = 8 * Double.ulpOfOne * direction.sumOfMagnitudes(with: gradient)
    let tolerance = 10 * (difference.error + moved) + rounding
    let size = max(length * direction.length, abs(difference.value))
    let element = direction.element.map { subject.inputs[index].type.indices(of: $0) }
    return InputResult.Comparison(
      element: element, analytic: analytic, numeric: difference.value, error: difference.error,
      tolerance: tolerance, resolution: size > 0 ? tolerance / size : 0)
  }

  var length: Double { gradient.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  private func compare(
    _ direction: Direction, within share: Double
  ) -> (comparison: InputResult.Comparison, outcome: Outcome) {
    let first = line.bestDerivative(
      along: direction, noise: noise, within: share,
      resolving: InputCheck.coarsestResolution * length * direction.length / 10)
    let comparison = comparison(direction, first.difference)
    guard comparison.analytic.isFinite else { return (comparison, .disagrees) }
    guard comparison.tolerance.isFinite else { return (comparison, .undecided) }
    if abs(comparison.analytic - comparison.numeric) <= comparison.tolerance {
      if comparison.resolution <= InputCheck.coarsestResolution { return (comparison, .agrees) }
      // Rounding of the inputs that moves the gradient so much may have broken a tie.
      return (comparison, opaqueKink(direction, comparison.tolerance) ?? .undecided)
    }
    return (comparison, confirmed(direction, comparison, first))
  }

  /// Whether a disagreement is one: other steps must say the same, and so must far smaller ones,
  /// which do not reach a kink beside the point that no operation tells of.
  private func confirmed(
    _ direction: Direction, _ comparison: InputResult.Comparison,
    _ first: (difference: FiniteDifference, step: Double)
  ) -> Outcome {
    let gap = abs(comparison.analytic - comparison.numeric)
    let second = line.derivative(
      along: direction, noise: noise, firstStep: first.step / 8, ratio: 3)
    let finest = line.derivative(
      along: direction, noise: noise, firstStep: min(first.step, 1) * 1e-4, ratio: 4)
    if finest.error < gap / 100,
      abs(comparison.analytic - finest.value) <= 10 * finest.error + comparison.tolerance
    {
      return 10 * finest.error <= InputCheck.coarsestResolution * length ? .agrees : .undecided
    }
    if let kink = opaqueKink(direction, gap) { return kink }
    let agree =
      abs(first.difference.value - second.value) <= 10 * (first.difference.error + second.error)
    return agree && abs(comparison.analytic - second.value) > 10 * second.error
      ? .disagrees : .undecided
  }

  /// The kink of a kernel that does not tell of its pieces: slopes that differ as much at every
  /// step.
  private func opaqueKink(_ direction: Direction, _ gap: Double) -> Outcome? {
    let shares = [1e-2, 1e-3, 1e-4]
    let jumps = shares.map { line.jump(along: direction, atShare: $0) }
    let floor = 4 * noise / (shares[2] * line.usualStep(along: direction))
    guard let least = jumps.min(), let most = jumps.max() else { return nil }
    guard least > 10 * floor, least > gap / 100, least > most / 2 else { return nil }
    let (below, above) = line.oneSidedDerivatives(along: direction, noise: noise)
    return .kink(below: below, above: above, where: "a kernel that does not tell of its pieces")
  }
}

extension FiniteDifference {
  fileprivate init(value: Double, _ error: Double) {
    self.value = value
    self.error = error
  }
}

extension TensorType {
  /// The indices of the element at a position in row-major order.
  func indices(of position: Int) -> [Int] {
    var rest = position
    return shape.reversed().map { extent in
      defer { rest /= extent }
      return rest % extent
    }.reversed()
  }
}
