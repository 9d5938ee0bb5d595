import Adjoint

extension InputCheck {
  /// The directions to check: each element, or for large inputs random mixtures, the first and
  /// the last element, and one at random from each of equal parts.
  static func directions(
    _ point: [Double], _ options: CheckOptions, using generator: inout Philox
  ) -> [Direction] {
    let count = point.count
    if count <= options.exhaustiveCount { return (0..<count).map(Direction.init(element:)) }
    let mixtures = (0..<options.directions).map { _ in
      Direction.random(around: point, using: &generator)
    }
    let draw = generator.nextDraw()
    let parts = max(options.elements - 2, 0)
    let spread = (0..<parts).map { part in
      Int((Double(part) + draw.uniform(part)) / Double(parts) * Double(count))
    }
    // In an order in which those that time does not allow are everywhere.
    let shuffled = spread.indices.sorted { draw.uniform($0 + parts) < draw.uniform($1 + parts) }
    let elements = ([0, count - 1] + shuffled.map { spread[$0] }).prefix(options.elements)
    return mixtures.prefix(2) + elements.prefix(2).map(Direction.init(element:))
      + mixtures.dropFirst(2) + elements.dropFirst(2).map(Direction.init(element:))
  }
}
