import Adjoint

/// A direction in which an input is moved: one element, or all of them at random.
struct Direction {
  let element: Int?
  private let mixture: [Double]

  init(element: Int) {
    self.element = element
    mixture = []
  }

  init(mixture: [Double]) {
    element = nil
    self.mixture = mixture
  }

  /// A mixture of all elements, each normally distributed.
  static func random(_ count: Int, using generator: inout Philox) -> Direction {
    let draw = generator.nextDraw()
    return Direction(mixture: (0..<count).map(draw.normal))
  }

  /// The largest part.
  var largest: Double { element == nil ? mixture.map(abs).max() ?? 1 : 1 }

  /// The Euclidean length.
  var length: Double {
    element == nil ? mixture.reduce(0) { $0 + $1 * $1 }.squareRoot() : 1
  }

  func product(with vector: [Double]) -> Double {
    if let element { return vector[element] }
    return zip(mixture, vector).reduce(0) { $0 + $1.0 * $1.1 }
  }

  func sumOfMagnitudes(with vector: [Double]) -> Double {
    if let element { return abs(vector[element]) }
    return zip(mixture, vector).reduce(0) { $0 + abs($1.0 * $1.1) }
  }

  /// The point at a distance along the direction.
  func point(from origin: [Double], at distance: Double) -> [Double] {
    if let element {
      var point = origin
      point[element] += distance
      return point
    }
    return zip(origin, mixture).map { $0 + distance * $1 }
  }
}
