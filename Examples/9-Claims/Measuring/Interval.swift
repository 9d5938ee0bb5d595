import Adjoint
import Synchronization

/// An estimate, and from where to where its 95 % bootstrap interval goes.
///
/// Seeds are drawn with replacement, 2000 times; the interval leaves out 2.5 % of what comes of it
/// on either side. What is drawn follows from a seed of its own, so that an interval is the same
/// whenever it is taken.
///
/// Source: Efron & Tibshirani, "An introduction to the bootstrap" (1993), §13.3, the percentile
/// interval.
package struct Interval: Codable, Sendable, Equatable {
  /// What comes of all seeds.
  let estimate: Double
  /// The lower end.
  let low: Double
  /// The upper end.
  let high: Double

  private static let draws = 2000

  /// Takes the interval of a statistic of `count` seeds, which gets the places of those drawn.
  init(count: Int, _ statistic: ([Int]) -> Double) {
    estimate = statistic(Array(0..<count))
    let found = Interval.places(of: count).map(statistic).sorted()
    let left = Interval.draws / 40
    (low, high) = (found[left], found[Interval.draws - 1 - left])
  }

  /// What was drawn, by the number of seeds: a table for all intervals of as many.
  private static let drawn = Mutex<[Int: [[Int]]]>([:])

  /// The places of the seeds that are drawn.
  private static func places(of count: Int) -> [[Int]] {
    drawn.withLock { drawn in
      if let known = drawn[count] { return known }
      var generator = Philox(seed: 18)
      let places = (0..<draws).map { _ in
        let draw = generator.nextDraw()
        return (0..<count).map { Int(draw.uniform($0) * Double(count)) }
      }
      drawn[count] = places
      return places
    }
  }

  /// Takes the interval of the mean difference of two lists that are paired by seeds.
  init(ofDifference first: [Double], _ second: [Double]) {
    self.init(count: first.count) { places in places.map { first[$0] - second[$0] }.mean }
  }

  /// The estimate with its interval, each as it is written.
  func text(_ write: (Double) -> String) -> String {
    "\(write(estimate)) [\(write(low)), \(write(high))]"
  }
}
