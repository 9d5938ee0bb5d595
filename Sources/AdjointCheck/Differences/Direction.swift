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

  /// A mixture of all elements, each normally distributed, in quarters: a step by a power of two is then
  /// exact as long as it is larger than the rounding of the point. Of a point whose elements are of very
  /// different size, each is moved by as much of itself.
  static func random(around point: [Double], using generator: inout Philox) -> Direction {
    let draw = generator.nextDraw()
    let sizes = point.map(\.magnitude).filter { $0 > 0 && $0.isFinite }
    let (least, most) = (sizes.min() ?? 1, sizes.max() ?? 1)
    let isUneven = most > 1e4 * least
    return Direction(
      mixture: point.enumerated().map { place, element in
        let quarters = (4 * draw.normal(place)).rounded()
        let part = (quarters == 0 ? 1 : quarters) / 4
        guard isUneven, element != 0, element.isFinite else { return part }
        return part * (abs(element) / most).binade
      })
  }

  /// A mixture without the elements that are 0 at a point, where kinks often are; nil if it is the same, or nothing.
  func leavingZeros(of point: [Double]) -> Direction? {
    guard element == nil else { return nil }
    let rest = restricted(to: point.indices.filter { point[$0] != 0 })
    return rest.mixture == mixture || rest.mixture.allSatisfy { $0 == 0 } ? nil : rest
  }

  /// The same for some elements alone.
  func restricted(to places: [Int]) -> Direction {
    var rest = mixture.map { _ in 0.0 }
    for place in places { rest[place] = mixture[place] }
    return Direction(mixture: rest)
  }

  /// The largest part.
  var largest: Double { element == nil ? mixture.map(abs).max() ?? 1 : 1 }

  /// The Euclidean length.
  var length: Double { element == nil ? AdjointCheck.length(of: mixture) : 1 }

  /// The Euclidean length of those elements of a vector that are moved.
  func lengthOfMoved(_ vector: [Double]) -> Double {
    if let element { return abs(vector[element]) }
    return AdjointCheck.length(of: zip(mixture, vector).map { $0 == 0 ? 0 : $1 })
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

  /// The point so many units away, where the unit of each element is its own.
  func point(from origin: [Double], at distance: Double, units: [Double]) -> [Double] {
    if let element {
      var point = origin
      point[element] += distance * units[element]
      return point
    }
    return zip(zip(origin, mixture), units).map { $0.0 + distance * $0.1 * $1 }
  }
}
