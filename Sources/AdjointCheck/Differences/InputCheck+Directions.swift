import Adjoint

extension InputCheck {
  /// The directions to check: each element, or for large inputs random mixtures of all, one of those whose derivatives
  /// are of like size, the first and the last element, those whose derivatives are the smallest and the largest, and
  /// one at random from each of equal parts.
  ///
  /// A mixture shows what is wrong by a part of the whole gradient. What is wrong in an element that is small
  /// beside the others only that element shows, and few of them no sample would meet.
  static func directions(
    _ point: [Double], _ gradient: [Double], _ options: CheckOptions,
    using generator: inout Philox
  ) -> [Direction] {
    let count = point.count
    if count <= options.exhaustiveCount { return (0..<count).map(Direction.init(element:)) }
    let mixtures = (0..<options.directions).map { _ in
      Direction.random(around: point, using: &generator)
    }
    // Not in a brief check.
    let ofLikeSize = smallerGroups(of: gradient).prefix(max(options.directions - 4, 0)).map {
      Direction.random(around: point, using: &generator).restricted(to: $0)
    }
    let draw = generator.nextDraw()
    let unusual = unusualElements(of: gradient, count: options.elements / 4)
    let parts = max(options.elements - 2 - unusual.count, 0)
    let spread = (0..<parts).map { part in
      Int((Double(part) + draw.uniform(part)) / Double(parts) * Double(count))
    }
    // In an order in which those that time does not allow are everywhere.
    let others = Array(unusual.dropFirst(2)) + spread
    let shuffled = others.indices.sorted { draw.uniform($0 + parts) < draw.uniform($1 + parts) }
      .map { others[$0] }
    let elements = (Array(unusual.prefix(2)) + [0, count - 1] + shuffled)
      .prefix(options.elements).map(Direction.init(element:))
    return [
      mixtures.prefix(2), elements.prefix(2), ofLikeSize[...], mixtures.dropFirst(2),
      elements.dropFirst(2),
    ].flatMap { $0 }
  }

  /// The elements of a gradient in groups of like size, but for the largest ones, which show in every mixture: in one with
  /// those, mistakes in small ones do not. Those that are 0 are a group too.
  private static func smallerGroups(of gradient: [Double]) -> [[Int]] {
    let largest = gradient.lazy.map(abs).filter(\.isFinite).max() ?? 0
    let groups = Dictionary(grouping: gradient.indices) { place -> Int in
      let share = abs(gradient[place]) / largest
      guard share.isFinite, share > 0 else { return 4 }
      return min(Int(-Double(share.exponent) / 13), 3)
    }
    return groups.filter { $0.key > 0 && $0.value.count < gradient.count }.sorted {
      $0.key < $1.key
    }.map(\.value)
  }

  /// The elements of a gradient that are furthest from most of them in size, but for those that are 0: the smallest
  /// and the largest in turn, as far as they are a hundred times smaller or larger.
  private static func unusualElements(of gradient: [Double], count: Int) -> [Int] {
    let places = gradient.indices.filter { gradient[$0] != 0 && gradient[$0].isFinite }
      .sorted { abs(gradient[$0]) < abs(gradient[$1]) }
    guard count > 0, let middle = places.isEmpty ? nil : abs(gradient[places[places.count / 2]])
    else { return [] }
    let small = places.prefix(count).filter { abs(gradient[$0]) < middle / 100 }
    let large = places.suffix(count).reversed().filter { abs(gradient[$0]) > middle * 100 }
    let most = max(small.count, large.count)
    let both = (0..<most).flatMap { number in
      [small, large].compactMap { $0.indices.contains(number) ? $0[number] : nil }
    }
    return Array(both.prefix(count))
  }
}
