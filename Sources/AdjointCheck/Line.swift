import Adjoint

/// A function along lines through one of its inputs.
struct Line {
  private let subject: Subject
  private let index: Int
  private let origin: [Double]
  private let largest: Double
  /// A step that is small beside how the input varies; its offset from 0 does not count, as most
  /// layers ignore it.
  private let step: Double

  init(_ subject: Subject, _ index: Int) {
    self.subject = subject
    self.index = index
    origin = [Double](subject.inputs[index])
    largest = origin.map(abs).max() ?? 0
    let mean = origin.reduce(0, +) / Double(origin.count)
    let variance = origin.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(origin.count)
    let scale = max(variance.squareRoot(), 1e-3 * largest)
    step = 0.05 * (scale > 0 ? scale : 1)
  }

  /// What lies around the point along a direction.
  enum Surroundings {
    /// No piecewise operation changes its piece within so many usual steps.
    case smooth(within: Double)
    /// One does at every step: the point is on its kink.
    case kink(operation: String, element: Int)
  }

  /// The noise of the values of the function.
  func noise(along direction: Direction) -> Double {
    let spacing = 64 * max(largest, step).ulp / direction.largest
    return AdjointCheck.noise(of: (0..<8).map { value(direction, Double($0) * spacing) })
  }

  /// The size of a gradient that no change of the input as large as itself shows beyond the noise of the
  /// values: that of an input which the function does not depend on, as its changes cancel.
  func unobservableGradient(noise: Double) -> Double { largest > 0 ? 1e2 * noise / largest : 0 }

  /// How far the function is smooth on both sides, as its piecewise operations tell.
  func surroundings(along direction: Direction) -> Surroundings {
    guard !subject.branches.isEmpty else { return .smooth(within: 1) }
    var share = 1.0
    var change: (operation: String, element: Int) = ("", 0)
    for _ in 0..<16 {
      let distance = share * step / direction.largest
      guard
        let difference = firstChange(branches(direction, distance))
          ?? firstChange(branches(direction, -distance))
      else {
        return .smooth(within: share)
      }
      change = difference
      share /= 4
    }
    return .kink(operation: change.operation, element: change.element)
  }

  /// The first piecewise operation that is on another piece than at the point, and at which
  /// element.
  private func firstChange(_ branches: [BranchChoice]) -> (operation: String, element: Int)? {
    for (here, there) in zip(subject.branches, branches) where here != there {
      let element = zip(here.pieces, there.pieces).enumerated().first {
        $0.element.0 != $0.element.1
      }
      return (here.operation, element?.offset ?? 0)
    }
    return nil
  }

  /// The derivative along a direction from a first step, or, if its error is larger than what must
  /// be told apart, the best of those from other steps: a function need not change on the scale of
  /// its argument. No step leaves what is known to be smooth.
  func bestDerivative(
    along direction: Direction, noise: Double, within share: Double, resolving error: Double
  ) -> (difference: FiniteDifference, step: Double) {
    var best = (difference: FiniteDifference(), step: share)
    let larger = share == 1 && subject.branches.isEmpty ? [1e3, 1e6] : []
    // An element that is far smaller than the others may be near a singularity that they are not
    // near.
    let own = direction.element.map { 0.05 * abs(origin[$0]) / (step * share) } ?? 1
    let smaller = own > 0 && own < 1 ? [own, 1e-3, 1e-6] : [1e-3, 1e-6]
    for factor in [1] + smaller + larger {
      let difference = derivative(
        along: direction, noise: noise, firstStep: share * factor, ratio: 4)
      if difference.error < best.difference.error { best = (difference, share * factor) }
      if best.difference.error <= error { break }
    }
    return best
  }

  /// The derivative along a direction, from central differences.
  func derivative(
    along direction: Direction, noise: Double, firstStep: Double, ratio: Double
  ) -> FiniteDifference {
    FiniteDifference(step: firstStep * step / direction.largest, ratio: ratio, noise: noise) { h in
      var distance = 2 * h
      if let element = direction.element {
        // The step that the element can really make.
        distance = (origin[element] + h) - (origin[element] - h)
      }
      return (value(direction, h) - value(direction, -h), distance)
    }
  }

  /// The derivatives to both sides of the point, from steps that stay on one piece on each side.
  func oneSidedDerivatives(
    along direction: Direction, noise: Double
  ) -> (below: FiniteDifference, above: FiniteDifference) {
    let here = value(direction, 0)
    func derivative(_ sign: Double) -> FiniteDifference {
      var share = 1.0
      for _ in 0..<12 {
        let distance = sign * share * step / direction.largest
        if branches(direction, distance) == branches(direction, distance / 4096) { break }
        share /= 4
      }
      return FiniteDifference(
        step: share * step / direction.largest, ratio: 2, isCentral: false, noise: noise
      ) { h in
        (sign * (value(direction, sign * h) - here), h)
      }
    }
    return (derivative(-1), derivative(1))
  }

  /// How much the slopes to both sides differ at a step: constant at a kink, in proportion to the
  /// step where the function is smooth, growing where it jumps.
  func jump(along direction: Direction, atShare share: Double) -> Double {
    let h = share * step / direction.largest
    return abs(value(direction, h) + value(direction, -h) - 2 * value(direction, 0)) / h
  }

  /// The usual step along a direction.
  func usualStep(along direction: Direction) -> Double { step / direction.largest }

  /// Whether the outputs depend on the input at all.
  func changesOutputs(along direction: Direction) -> Bool {
    func outputs(_ distance: Double) -> [[Double]] {
      subject.outputs(replacing: index, by: direction.point(from: origin, at: distance))
    }
    return outputs(0) != outputs(step / direction.largest)
  }

  private func value(_ direction: Direction, _ distance: Double) -> Double {
    subject.value(replacing: index, by: direction.point(from: origin, at: distance))
  }

  private func branches(_ direction: Direction, _ distance: Double) -> [BranchChoice] {
    guard !subject.branches.isEmpty else { return [] }
    return subject.branches(replacing: index, by: direction.point(from: origin, at: distance))
  }
}
