import Adjoint

/// How far rounding moves each element of a result.
struct Moves {
  /// By errors of the inputs.
  private var byInputs: [Double]
  /// By errors on the way.
  private var onTheWay: [Double]

  init(of values: [Double]) {
    byInputs = values.map { _ in 0 }
    onTheWay = byInputs
  }

  /// Adds a draw: the result without and with such errors.
  mutating func add(_ left: [Double], _ right: [Double], onTheWay: Bool = false) {
    let part = onTheWay ? \Moves.onTheWay : \.byInputs
    self[keyPath: part] = zip(self[keyPath: part], zip(left, right)).map {
      max($0, distance($1.0, $1.1))
    }
  }

  /// The error of the element that is furthest off in its own tolerances, and that tolerance; each counts as at least
  /// so large.
  func worst(
    _ want: [Double], _ got: [Double], floor: Double
  ) -> (error: Double, tolerance: Double) {
    let all = want.indices.map { place in
      let size = want[place].isFinite ? max(abs(want[place]), floor) : floor
      let rounding =
        16 * DType.float32.epsilon * size + Double(Float.leastNormalMagnitude)
      return (
        error: distance(want[place], got[place]),
        tolerance: 10 * (byInputs[place] + onTheWay[place]) + rounding
      )
    }
    return all.max { $0.error / $0.tolerance < $1.error / $1.tolerance } ?? (0, 0)
  }
}
