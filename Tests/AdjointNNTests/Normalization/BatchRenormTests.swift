import Adjoint
import AdjointCheck
import AdjointNN
import Testing

@Suite("Batch renormalization")
struct BatchRenormTests {
  private func batch(_ shape: [Int], seed: UInt64, mean: Double = 1) -> Tensor {
    var generator = Philox(seed: seed)
    return .normal(shape, mean: mean, deviation: 2, dtype: .float64, using: &generator)
  }

  @Test(
    "With the bounds 1 and 0 it is batch norm", arguments: [[6, 3], [4, 3, 5], [2, 3, 4, 4]])
  func isBatchNorm(shape: [Int]) {
    var renorm = BatchRenorm(3, dtype: .float64)
    var norm = BatchNorm(3, epsilon: 1e-3, dtype: .float64)
    for seed in 0..<3 {
      let x = batch(shape, seed: UInt64(seed))
      let difference = (renorm(x, .training) - norm(x, .training)).magnitude().max()
      // Two more operations, each of which rounds once, on numbers below 4.
      #expect(Double(difference) <= 4e-15)
    }
    let report = checkGradients(of: renorm, at: batch(shape, seed: 9), .training)
    #expect(report.passed, "\(report)")
  }

  @Test("Within its bounds no sample depends on the others")
  func company() {
    var layer = BatchRenorm(2, largestRatio: 100, largestOffset: 100, dtype: .float64)
    layer.runningMean = Tensor([0.5, -1] as [Double])
    layer.runningDeviation = Tensor([2, 0.5] as [Double])
    let (x, other) = (batch([1, 2], seed: 1), batch([5, 2], seed: 2))
    var inCompany = layer
    let alone = layer(.concatenated([x, x + 1], along: 0), .training)[0]
    let together = inCompany(.concatenated([x, other], along: 0), .training)[0]
    #expect(Double((alone - together).magnitude().max()) < 1e-13)
  }

  /// γ/σ is 2¹⁶⁰ or 2⁻¹⁶⁰, which float32 does not hold, and γ·x/σ = 2⁶⁰ and 2⁻⁶⁰. A deviation of 0 leaves β at the mean.
  @Test func inferenceHoldsWhatIsFinite() {
    var layer = BatchRenorm(3)
    layer.scale = Tensor([0x1p60, 0x1p-60, 2])
    layer.runningDeviation = Tensor([0x1p-100, 0x1p100, 0])
    #expect([Float](layer.predict(Tensor([[0x1p-100, 0x1p100, 0]]))) == [0x1p60, 0x1p-60, 0])
  }

  @Test func inferenceIsByTheRunningStatistics() {
    var layer = BatchRenorm(3, largestRatio: 3, largestOffset: 5)
    for seed in 0..<4 {
      _ = layer(batch([8, 3], seed: UInt64(seed)).cast(to: .float32), .training)
    }
    let report = checkGradients(of: layer, at: batch([4, 3], seed: 7), .inference, order: 2)
    #expect(report.passed, "\(report)")
  }

  @Test func statisticsThatAreNotFiniteAreNotAveraged() {
    var layer = BatchRenorm(2)
    _ = layer(Tensor([[1, .nan], [3, 1]]), .training)
    #expect([Float](layer.runningMean) == [0.02, 0])
    #expect([Float](layer.runningDeviation)[1] == 1)
  }

  /// x̂ = ±1 and σ = 10⁻²⁵, whose square float32 cannot hold.
  @Test func smallDeviationsAreKept() {
    var layer = BatchRenorm(1, epsilon: 0, weightOfNew: 1, largestRatio: 3)
    let x = Tensor([[1e-25], [-1e-25]])
    for _ in 0..<2 { _ = layer(x, .training) }
    #expect(layer.runningDeviation.isClose(to: Tensor([1e-25]), relative: 1e-6, absolute: 0))
    for mode in [Mode.training, .inference] {
      #expect(layer(x, mode).isClose(to: Tensor([[1], [-1]]), relative: 1e-6))
    }
  }
}
