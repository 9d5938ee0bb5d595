import Adjoint

extension Line {
  /// The noise of the changes of the function along a direction: what is left of values at points so near
  /// to each other that its own change is smooth.
  ///
  /// At several distances, as long as it is not seen: a value that cancels within a kernel moves in stairs,
  /// which the nearest points do not see beside what moves smoothly; nor do they see those of a coarser
  /// precision.
  func noise(along direction: Direction) -> Double {
    var (measured, stair) = (0.0, 0.0)
    for spacing in [0x1p6, 0x1p16, 0x1p26, 0x1p36] {
      if measured > 0, !isShort(8 * spacing, along: direction) { break }
      // Not at the point itself, where there may be a jump.
      let values = (1...8).map { number -> Double in
        let there = evaluation(direction, units: Double(number) * spacing)
        return subject.change(from: subject.here, to: there).total
      }
      let noise = Noise(of: values)
      if measured > 0, !noise.isConsistent { break }
      measured = max(measured, noise.size)
      let distinct = Set(values).sorted()
      if distinct.count <= 3 {
        stair = zip(distinct.dropFirst(), distinct).map { $0 - $1 }.max() ?? stair
      }
    }
    return max(measured, stair)
  }

  /// Whether so many units in the last place are a small part of a step.
  private func isShort(_ count: Double, along direction: Direction) -> Bool {
    let place = direction.point(from: origin, at: count / direction.largest, units: units)
    let distance = zip(place, origin).lazy.map { abs($0 - $1) }.max() ?? 0
    return distance <= usualStep(along: direction) * direction.largest / 16
  }

  /// What rounding may make of the results within a step: of those that it moves, and of those at the point
  /// that the usual step moves, though it be too small to.
  ///
  /// - Parameter ofPoint: what rounding may make of the latter, if that is known.
  func rounding(
    along direction: Direction, within step: Double, ofPoint: Double? = nil,
    using generator: inout Philox
  ) -> Double {
    let sizes = [-step, step].map {
      subject.rounding(to: evaluation(direction, $0), using: &generator)
    }
    let moved = sizes.max() ?? 0
    guard step < usualStep(along: direction) else { return moved }
    return max(moved, ofPoint ?? roundingOfPoint(along: direction, using: &generator))
  }

  /// What rounding may make of the results at the point that the usual step moves.
  func roundingOfPoint(along direction: Direction, using generator: inout Philox) -> Double {
    let usual = usualStep(along: direction)
    return [-usual, usual].map {
      subject.rounding(to: evaluation(direction, $0), ofHere: true, using: &generator)
    }.max() ?? 0
  }

  /// How far off a derivative may be by the rounding of the changes that it is made of, however long the step.
  func roundingOfChange(
    along direction: Direction, within step: Double, using generator: inout Philox
  ) -> Double {
    let (below, above) = (evaluation(direction, -step), evaluation(direction, step))
    return subject.roundingOfChange(from: below, to: above, using: &generator) / (2 * step)
  }

  private func evaluation(_ direction: Direction, units count: Double) -> Subject.Evaluation {
    subject.evaluation(
      replacing: index,
      by: direction.point(from: origin, at: count / direction.largest, units: units))
  }
}
