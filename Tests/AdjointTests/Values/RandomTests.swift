import Testing

@testable import Adjoint

@Suite("Random numbers")
struct RandomTests {
  /// The known answers of Random123, the authors' own implementation, for Philox4x32-10.
  @Test func philoxGivesItsAuthorsNumbers() {
    #expect(
      Philox(seed: 0).block(0) == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    #expect(
      Philox(seed: .max, draw: .max).block(.max)
        == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    #expect(
      Philox(seed: 0x299F_31D0_A409_3822, draw: 0x0370_7344_1319_8A2E).block(0x85A3_08D3_243F_6A88)
        == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  @Test func equalSeedsGiveEqualTensors() {
    var (a, b) = (Philox(seed: 3), Philox(seed: 3))
    #expect(Tensor.uniform([5], using: &a) == Tensor.uniform([5], using: &b))
    #expect(Tensor.normal([5], using: &a) == Tensor.normal([5], using: &b))
    #expect(Tensor.normal([5], using: &a) != Tensor.uniform([5], using: &b))
  }

  @Test func float32NumbersAreThoseOfFloat64() {
    var (a, b) = (Philox(seed: 3), Philox(seed: 3))
    let single = Tensor.uniform([100], using: &a)
    let double = Tensor.uniform([100], dtype: .float64, using: &b)
    #expect(zip([Double](single), [Double](double)).allSatisfy { $0 <= $1 && $1 - $0 < 0x1p-24 })
  }

  /// A sample mean of n numbers lies within 5 deviations/√n but once in 1.7 million; the seed is
  /// fixed.
  @Test func momentsOfTheDistributions() {
    var generator = Philox(seed: 11)
    let n = 20_000
    let uniform = Tensor.uniform([n], in: -1..<3, dtype: .float64, using: &generator)
    #expect(abs(Double(uniform.mean()) - 1) < 5 * (16.0 / 12).squareRoot() / Double(n).squareRoot())
    #expect(Double(uniform.min()) >= -1 && Double(uniform.max()) < 3)
    let normal = Tensor.normal([n], mean: 2, deviation: 3, dtype: .float64, using: &generator)
    #expect(abs(Double(normal.mean()) - 2) < 5 * 3 / Double(n).squareRoot())
    // The variance of a sample variance is 2σ⁴/(n − 1).
    #expect(abs(Double(normal.variance()) - 9) < 5 * 9 * (2 / Double(n)).squareRoot())
  }

  /// Quantiles of the normal distribution to 15 digits, from its tables.
  @Test func quantilesOfTheNormalDistribution() {
    for (probability, quantile) in [
      (0.5, 0), (0.975, 1.959963984540054), (0.999, 3.090232306167813),
      (1e-10, -6.361340902404056), (1e-300, -37.0470962993612),
    ] {
      #expect(abs(normalQuantile(probability) - quantile) <= 4e-15 * max(1, abs(quantile)))
    }
  }

  @Test func permutationsHoldEveryNumberOnce() {
    var generator = Philox(seed: 1)
    let order = [Int32](Tensor.permutation(50, using: &generator))
    #expect(order.sorted() == Array(0..<50))
    #expect(order != Array(0..<50))
    #expect([Int32](Tensor.permutation(0, using: &generator)) == [])
  }
}
