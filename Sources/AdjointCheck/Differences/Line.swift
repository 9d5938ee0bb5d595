import Adjoint

/// A function along lines through one of its inputs.
struct Line {
  let subject: Subject
  let index: Int
  let origin: [Double]
  private let largest: Double
  /// A step that is small beside how the input varies; its offset from 0 does not count, as most
  /// layers ignore it.
  private let step: Double
  /// For each element, a unit in the last place of itself.
  let units: [Double]

  init(_ subject: Subject, _ index: Int) {
    self.subject = subject
    self.index = index
    origin = [Double](subject.inputs[index])
    largest = origin.lazy.map(abs).max() ?? 0
    let step = Line.step(below: 0.05 * Line.spread(of: origin))
    self.step = step
    units = origin.map { ($0 == 0 ? step : abs($0)).ulp }
  }

  /// How far numbers lie apart: their offset from 0 does not count. Those that are equal but for rounding do not say.
  static func spread(of numbers: [Double]) -> Double {
    let largest = numbers.lazy.map(abs).max() ?? 0
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    let deviation = length(of: numbers.map { $0 - mean }) / Double(numbers.count).squareRoot()
    let scale = deviation > 1e3 * largest.ulp ? deviation : 1e-3 * largest
    return scale > 0 ? scale : 1
  }

  private static func powerOfTwo(below number: Double) -> Double {
    number > 0 && number.isFinite ? number.binade : number
  }

  /// A step below a number, of few digits: as long as it is larger than the rounding of the point, it is exact.
  /// No power of two, as functions may have that for a period, and seem constant.
  private static func step(below number: Double) -> Double {
    number > 0 && number.isFinite ? 0x0.a67p0 * number.binade : number
  }

  // MARK: Steps

  /// A step that is small beside an element itself: it may be near a singularity that the others are not
  /// near.
  func ownStep(of direction: Direction) -> Double? {
    guard let element = direction.element, origin[element] != 0 else { return nil }
    return Line.step(below: 0.05 * abs(origin[element]))
  }

  /// The usual step along a direction.
  func usualStep(along direction: Direction) -> Double {
    step * Line.powerOfTwo(below: 1 / direction.largest)
  }

  func evaluation(_ direction: Direction, _ distance: Double) -> Subject.Evaluation {
    subject.evaluation(
      replacing: index,
      by: direction.point(from: origin, at: exact(distance, along: direction)))
  }

  /// The nearest distance that moves all elements of a mixture, whose parts are quarters, by what it says: the rounding
  /// of a point far from 0 would be taken for a change of the function.
  private func exact(_ distance: Double, along direction: Direction) -> Double {
    guard direction.element == nil, largest > 0 else { return distance }
    let unit = 4 * largest.ulp
    let count = (distance / unit).rounded()
    return count.isFinite ? count * unit : distance
  }

  /// The change between two distances from the point.
  private func change(
    _ direction: Direction, from a: (distance: Double, at: Subject.Evaluation),
    to b: (distance: Double, at: Subject.Evaluation)
  ) -> FiniteDifference.Change {
    var distance = exact(b.distance, along: direction) - exact(a.distance, along: direction)
    if let element = direction.element {
      // The step that the element can really make.
      distance = (origin[element] + b.distance) - (origin[element] + a.distance)
    } else if abs(distance) < 32 * largest.ulp {
      // Not exact for an element that has larger units there.
      distance = 0
    }
    let change = subject.change(from: a.at, to: b.at)
    return FiniteDifference.Change(total: change.total, gross: change.gross, distance: distance)
  }

  // MARK: Derivatives

  /// What lies around the point along a direction.
  enum Surroundings {
    /// No piecewise operation changes its piece within such a step.
    case smooth(within: Double)
    /// One does at every step: the point is on its kink.
    case kink(operation: String, element: Int)
  }

  /// The derivative along a direction, from central differences that begin with a step, or with the largest
  /// of 1/4, 1/16, … of it at which no piecewise operation changes its piece.
  func derivative(
    along direction: Direction, noise: Double, from step: Double, ratio: Double = 4,
    rows: Int = 7, leastRows: Int = 3,
    until isExact: (FiniteDifference) -> Bool = { _ in false }
  ) -> (difference: FiniteDifference, surroundings: Surroundings) {
    var first = step
    var change: (operation: String, element: Int) = ("", 0)
    // Shorter steps do not move the point.
    let shortest = 4 * (direction.element.map { abs(origin[$0]) } ?? largest).ulp
    for attempt in 0..<(subject.here.branches.isEmpty ? 1 : 20)
    where attempt == 0 || first > shortest {
      let ends = (evaluation(direction, -first), evaluation(direction, first))
      guard let difference = firstChange(ends.0) ?? firstChange(ends.1) else {
        let difference = FiniteDifference(
          step: first, ratio: ratio, rows: rows, leastRows: leastRows, noise: noise,
          floor: subject.epsilon * subject.scale, until: isExact
        ) { h in
          let (below, above) =
            h == first ? ends : (evaluation(direction, -h), evaluation(direction, h))
          return self.change(direction, from: (-h, below), to: (h, above))
        }
        return (difference, .smooth(within: first))
      }
      change = difference
      first /= 4
    }
    return (FiniteDifference(), .kink(operation: change.operation, element: change.element))
  }

  /// The first piecewise operation that is on another piece than at the point, and at which
  /// element.
  private func firstChange(
    _ evaluation: Subject.Evaluation
  ) -> (operation: String, element: Int)? {
    for (here, there) in zip(subject.here.branches, evaluation.branches) where here != there {
      let element = zip(here.pieces, there.pieces).enumerated().first {
        $0.element.0 != $0.element.1
      }
      return (here.operation, element?.offset ?? 0)
    }
    return nil
  }

  /// The derivatives to both sides of the point, from steps that stay on one piece on each side.
  func oneSidedDerivatives(
    along direction: Direction, noise: Double
  ) -> (below: FiniteDifference, above: FiniteDifference) {
    func derivative(_ sign: Double) -> FiniteDifference {
      var share = 1.0
      for _ in 0..<12 {
        let distance = sign * share * usualStep(along: direction)
        let (far, near) = (evaluation(direction, distance), evaluation(direction, distance / 4096))
        if far.branches == near.branches { break }
        share /= 4
      }
      return FiniteDifference(
        step: share * usualStep(along: direction), ratio: 2, isCentral: false, noise: noise
      ) { h in
        let there = evaluation(direction, sign * h)
        let change = change(direction, from: (0, subject.here), to: (sign * h, there))
        return FiniteDifference.Change(
          total: sign * change.total, gross: change.gross, distance: abs(change.distance))
      }
    }
    return (derivative(-1), derivative(1))
  }

  /// The slope along a direction at a random point so far beside the given one, where ties are broken.
  func slope(
    along direction: Direction, besideBy distance: Double, step: Double,
    using generator: inout Philox
  ) -> Double {
    let draw = generator.nextDraw()
    let place = origin.enumerated().map { $1 + distance * draw.normal($0) }
    let (below, above) = (
      subject.evaluation(replacing: index, by: direction.point(from: place, at: -step)),
      subject.evaluation(replacing: index, by: direction.point(from: place, at: step))
    )
    return subject.change(from: below, to: above).total / (2 * step)
  }

  /// How the function changes to both sides of the point within a share of the usual step.
  func changes(
    along direction: Direction, atShare share: Double
  ) -> (below: Double, above: Double, step: Double) {
    let h = share * usualStep(along: direction)
    let (below, above) = (evaluation(direction, -h), evaluation(direction, h))
    return (
      subject.change(from: below, to: subject.here).total,
      subject.change(from: subject.here, to: above).total, h
    )
  }

  /// What a derivative that is not finite is: none, where outputs are not finite either; the right one, where the
  /// changes to a side grow ever larger beside ever smaller steps; or wrong.
  func notFinite(_ analytic: Double, along direction: Direction) -> InputCheck.Outcome {
    if subject.hasInfinite { return .undecided("the outputs are not finite there") }
    guard analytic.isInfinite else { return .disagrees }
    let slopes = [1e-2, 1e-4, 1e-6].map { share in
      let changes = changes(along: direction, atShare: share)
      return [changes.below, changes.above].filter(\.isFinite).map { $0 / changes.step }
    }
    let sizes = slopes.map { $0.map { $0 * (analytic > 0 ? 1 : -1) }.max() ?? 0 }
    let isGrowing = zip(sizes, sizes.dropFirst()).allSatisfy { 0 < 3 * $0 && 3 * $0 < $1 }
    return isGrowing ? .undecided("the derivative is infinite there") : .disagrees
  }

  /// Whether the outputs depend on the input at all.
  func changesOutputs(using generator: inout Philox) -> Bool {
    let direction = Direction.random(around: origin, using: &generator)
    return (subject.isConfined ? [1.0] : [1.0, 1e3]).contains { share in
      subject.isMoved(evaluation(direction, share * usualStep(along: direction)))
    }
  }

  /// Whether steps that are larger than the usual one change the function by more than the rounding of its outputs.
  func showsFurtherAway(along direction: Direction) -> Bool {
    guard !subject.isConfined else { return false }
    let changes = changes(along: direction, atShare: 64)
    let largest = max(abs(changes.below), abs(changes.above))
    return largest.isFinite && largest > 8 * subject.epsilon * subject.scale
  }

  /// The rounding that may hide changes of outputs which do not move within the usual step, but do further
  /// away; those that never move do not depend on the input.
  func roundingOfUnmoved(along direction: Direction) -> Double {
    let evaluations = (subject.isConfined ? [1.0] : [1.0, 1e3, 1e6]).flatMap { share in
      [-1.0, 1].map { evaluation(direction, $0 * share * usualStep(along: direction)) }
    }
    return subject.roundingOfUnmoved(Array(evaluations[..<2]))
      - subject.roundingOfUnmoved(evaluations)
  }
}
