/// The same with batch norm and without it.
package struct Sides<Value: Sendable>: Sendable {
  /// With batch norm.
  var with: Value
  /// Without it.
  var without: Value

  /// Each side as if it were the other.
  var swapped: Sides { Sides(with: without, without: with) }

  /// Something made of each side.
  func map<Other>(_ transform: (Value) -> Other) -> Sides<Other> {
    Sides<Other>(with: transform(with), without: transform(without))
  }
}

extension Sides: Codable where Value: Codable {}

// Numbers by seeds.
extension Sides<[Double]> {
  /// By how much more it is with batch norm, on average over the seeds.
  var difference: Interval { Interval(ofDifference: with, without) }

  /// How many times as much it is without batch norm: the median over the seeds.
  var ratio: Interval {
    Interval(count: with.count) { places in places.map { without[$0] / with[$0] }.median }
  }

  /// By how much more it varies between seeds with batch norm: the difference of the standard
  /// deviations.
  var differenceOfDeviations: Interval {
    Interval(count: with.count) { places in
      places.map { with[$0] }.deviation - places.map { without[$0] }.deviation
    }
  }
}

extension [Double] {
  /// The mean; 0 of nothing.
  var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }

  /// The standard deviation, by n − 1; 0 of one number.
  var deviation: Double {
    guard count > 1 else { return 0 }
    let mean = mean
    return (reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)).squareRoot()
  }

  /// The middle one, or the mean of the two in the middle; 0 of nothing.
  var median: Double {
    guard !isEmpty else { return 0 }
    let ordered = sorted()
    return (ordered[(count - 1) / 2] + ordered[count / 2]) / 2
  }

  /// From the least to the greatest.
  var extent: ClosedRange<Double> { (self.min() ?? 0)...(self.max() ?? 0) }
}
