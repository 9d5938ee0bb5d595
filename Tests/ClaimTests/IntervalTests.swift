import Testing

@testable import ClaimExperiments

@Suite("Bootstrap intervals")
struct IntervalTests {
  /// Of 0 and 1, drawn twice, the mean is 0 or 1 once in four times each: more than 2.5 %.
  @Test func ofTwoNumbersIsFromTheOneToTheOther() {
    let interval = Interval(ofDifference: [1, 2], [1, 1])
    #expect(interval == Interval(ofDifference: [1, 2], [1, 1]))
    #expect((interval.estimate, interval.low, interval.high) == (0.5, 0, 1))
  }

  /// One 1 among nine 0 is drawn k times with the binomial distribution of 10 and 0.1: P(k = 0) =
  /// 0.35, P(k ≤ 2) = 0.930, P(k ≤ 3) = 0.987.
  @Test func ofOneInTenIsThatOfTheBinomialDistribution() {
    let zeros = [Double](repeating: 0, count: 10)
    let interval = Interval(ofDifference: zeros.dropLast() + [1], zeros)
    #expect(interval.low == 0)
    #expect(abs(interval.high - 0.3) < 1e-12)
  }

  /// The mean of what is drawn has the variance Σ(x − x̄)²/n²; of many numbers it is nearly normal.
  @Test func ofManyNumbersIsNearlyThatOfTheNormalDistribution() {
    let values = (0..<100).map { Double($0 * $0 % 101) }
    let (mean, zeros) = (values.mean, [Double](repeating: 0, count: 100))
    let error = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot() / 100
    let interval = Interval(ofDifference: values, zeros)
    #expect(interval.estimate == mean)
    // A quantile of 2000 draws is off by about √(0.025·0.975/2000)/φ(1.96) = 0.06 errors.
    #expect(abs(interval.low - (mean - 1.96 * error)) < 0.3 * error)
    #expect(abs(interval.high - (mean + 1.96 * error)) < 0.3 * error)
  }

  @Test func equalPairsHaveNoDifference() {
    let interval = Sides(with: [3.0, 1, 2], without: [3.0, 1, 2]).difference
    #expect((interval.low, interval.high) == (0, 0))
  }

  @Test func summariesAreThoseOfTextbooks() {
    // Σ(x − 5)² = 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32, by 7.
    let values = [2.0, 4, 4, 4, 5, 5, 7, 9]
    #expect(values.mean == 5)
    #expect(abs(values.deviation - (32.0 / 7).squareRoot()) < 1e-15)
    #expect(values.median == 4.5)
    #expect([3.0, 1, 2].median == 2)
  }

  /// A training that falls by 1 from 10 at each step is below a mean of 0.2 over 20 steps 20 steps
  /// after it has come to 0, when the last of 1 has left; one that stays above needs more than
  /// there are.
  @Test func stepsToALossAreCounted() {
    let falling = (0..<50).map { Double(max(0, 10 - $0)) }
    // After step n the window holds n − 19 ... n; the sum is below 4 once it holds 2, 1, 0, …
    // alone: n = 28.
    #expect(FasterConvergence.steps(falling) == 28)
    #expect(FasterConvergence.steps([Double](repeating: 1, count: 50)) == 51)
  }
}
