import Adjoint
import AdjointCheck
import AdjointFixtures
import Testing

@testable import AdjointNN

@Suite("Batch norm as a layer")
struct BatchNormTests {
  /// The running statistics that other systems have after three batches.
  @Test("Running statistics", arguments: Fixture.oracle("batch_norm").filter { $0.has("x_step2") })
  func runningStatistics(_ fixture: Fixture) throws {
    for estimate in [BatchNorm.VarianceEstimate.unbiased, .population] {
      var norm = BatchNorm(
        try fixture("gamma").count, epsilon: fixture.parameters["eps"]!.number!,
        averaging: fixture.parameters["momentum"]?.number.map {
          .exponential(weightOfNew: $0)
        } ?? .cumulative, varianceEstimate: estimate, dtype: .float64)
      norm.runningMean = try fixture("running_mean0")
      norm.runningVariance = try fixture("running_var0")
      let variances =
        estimate == .unbiased ? "running_var_steps_unbiased" : "running_var_steps_biased"
      for (step, name) in ["x", "x_step2", "x_step3"].enumerated() {
        _ = norm(try fixture(name), .training)
        let mean = try fixture("running_mean_steps")[step]
        #expect(relativeError(norm.runningMean, mean) <= 1e-14)
        #expect(relativeError(norm.runningVariance, try fixture(variances)[step]) <= 1e-14)
      }
      #expect(Int(norm.batchCount) == 3)
    }
  }

  @Test func cumulativeStatisticsAreThePlainAverage() {
    var norm = BatchNorm(1, averaging: .cumulative, dtype: .float64)
    var means: [Double] = []
    for seed in 1...3 {
      let x = batch([4, 1], seed: UInt64(seed))
      means.append(Double(x.mean()))
      _ = norm(x, .training)
    }
    #expect(norm.runningMean.isClose(to: Tensor([means.reduce(0, +) / 3], dtype: .float64)))
  }

  @Test("NaN and infinity never reach the state", arguments: [Float.nan, .infinity, -.infinity])
  func invalidBatches(_ value: Float) {
    var norm = BatchNorm(2)
    _ = norm(batch([4, 2], dtype: .float32), .training)
    let before = norm
    let y = norm(Tensor([[1, value], [2, 3]]), .training)
    #expect([Float](y).contains { $0.isNaN })
    #expect(norm.runningMean == before.runningMean)
    #expect(norm.runningVariance == before.runningVariance)
    #expect(norm.batchCount == before.batchCount)
  }

  @Test func anEmptyBatchLeavesTheStateAlone() {
    var norm = BatchNorm(3)
    let y = norm(Tensor.zeros([0, 3]), .training)
    #expect(y.type == TensorType(.float32, [0, 3]))
    #expect(norm.runningMean == .zeros([3]))
    #expect(Int(norm.batchCount) == 0)
    #expect(norm(Tensor.zeros([0, 3]), .inference).shape == [0, 3])
  }

  /// σ² = 2.25e38, which float32 holds; times n/(n − 1) = 2 it does not.
  @Test func aVarianceBeyondTheTypeLeavesTheStatisticsAsTheyAre() {
    for isFused in [true, false] {
      var norm = BatchNorm(1)
      norm.isFused = isFused
      _ = norm(Tensor([[1.5e19], [-1.5e19]]), .training)
      #expect(norm.runningVariance == .ones([1]) && norm.runningMean == .zeros([1]))
      #expect(Int(norm.batchCount) == 0)
    }
  }

  /// (−3e38 + 3e38)/2 = 0, though their difference is beyond float32.
  @Test func meansFarApartAreAveraged() {
    var norm = BatchNorm(1, averaging: .exponential(weightOfNew: 0.5))
    norm.runningMean = Tensor([-3e38])
    _ = norm(Tensor([[3e38], [3e38]]), .training)
    #expect(norm.runningMean == .zeros([1]) && Int(norm.batchCount) == 1)
  }

  @Test func inferenceChangesNothing() {
    var norm = BatchNorm(2)
    _ = norm(batch([4, 2], dtype: .float32), .training)
    let before = norm
    _ = norm(batch([4, 2], seed: 9, dtype: .float32), .inference)
    #expect(norm.runningMean == before.runningMean)
    #expect(norm.predict(Tensor([[1, 2]])) == before.predict(Tensor([[1, 2]])))
  }

  @Test("Gradients of the layer", arguments: [[6, 3], [2, 3, 2, 2]], [true, false])
  func gradients(_ shape: [Int], _ isFused: Bool) {
    for mode in [Mode.training, .inference] {
      var norm = BatchNorm(3)
      norm.isFused = isFused
      norm.runningMean = batch([3], seed: 4)
      norm.runningVariance = batch([3], seed: 5).squared() + 0.5
      norm.scale = batch([3], seed: 6)
      let options = CheckOptions(exhaustiveCount: 3, directions: 2, elements: 3)
      let report = checkGradients(of: norm, at: batch(shape), mode, order: 2, options: options)
      #expect(report.passed, "\(mode)\n\(report)")
      #expect(report.results.filter { $0.order == 1 }.map(\.input) == ["scale", "shift", "x"])
    }
  }

  @Test func scaleAndShiftAreOptional() {
    let norm = BatchNorm(3, scale: false, shift: false)
    #expect(norm.parameters.isEmpty)
    #expect(checkGradients(of: norm, at: batch([5, 3]), .training).passed)
  }

  /// Identities that need no reference. Both sides round a few dozen operations of numbers near 1.
  @Test func identities() {
    let (x, dy) = (batch([8, 2]), batch([8, 2], seed: 2))
    let (scale, shift) = (batch([2], seed: 3), batch([2], seed: 4))
    let epsilon = 0.1
    func normalize(_ x: Tensor, epsilon: Double = 0.1) -> Tensor {
      x.batchNormalized(scale: scale, shift: shift, epsilon: epsilon).output
    }
    func gradient(_ x: Tensor, epsilon: Double = 0.1) -> Tensor {
      vectorJacobianProduct(at: x, cotangent: dy) { normalize($0, epsilon: epsilon) }.product
    }
    let tolerance = 1e-13
    func close(_ a: Tensor, _ b: Tensor) -> Bool {
      a.isClose(to: b, relative: tolerance, absolute: tolerance)
    }
    let (y, dx) = (normalize(x), gradient(x))
    let variance = x.variance(over: [0])
    let inverse = (variance + epsilon).rsqrt()
    let normalized = (x - x.mean(over: [0])) * inverse
    let centred = dy - dy.mean(over: [0])
    #expect(close(y.mean(over: [0]), shift))
    #expect(close(y.variance(over: [0]), scale.squared() * variance / (variance + epsilon)))
    #expect(close(dx.sum(over: [0]), .zeros([2], dtype: .float64)))
    let second = (centred * normalized).mean(over: [0])
    #expect(
      close((dx * normalized).sum(over: [0]), scale * 8 * second * epsilon * inverse.power(3)))
    #expect(close(normalize(x + 5), y))
    #expect(close(normalize(x * 3, epsilon: 9 * epsilon), y))
    #expect(close(gradient(x * 3, epsilon: 9 * epsilon), dx / 3))
    let doubled = normalize(Tensor.concatenated([x, x], along: 0))
    #expect(close(doubled[0..<8], y) && close(doubled[8..<16], y))
    var generator = Philox(seed: 1)
    let order = Tensor.permutation(8, using: &generator)
    #expect(close(normalize(x.gather(order, along: 0)), y.gather(order, along: 0)))
  }

  @Test func aConstantChannelGivesExactlyTheShift() {
    for value in [0.1, 1e4, -3e-5] {
      for dtype in [DType.float32, .float64] {
        let x = Tensor.full([7, 1], value, dtype: dtype)
        let shift = Tensor([0.3], dtype: dtype)
        let y = x.batchNormalized(scale: Tensor([2], dtype: dtype), shift: shift).output
        #expect([Double](y).allSatisfy { $0 == [Double](shift)[0] })
      }
    }
  }

  /// γ/√σ² is 2¹²⁹ or 2⁻¹⁵⁰, which float32 does not hold, where γ·(x − μ)/√σ² is a power of two that it does.
  @Test func inferenceHoldsWhatIsFinite() {
    func power(_ exponent: Int) -> Float { Float(sign: .plus, exponent: exponent, significand: 1) }
    var norm = BatchNorm(4, epsilon: 0)
    norm.scale = Tensor([power(64), power(-100), 3, 0])
    norm.runningVariance = Tensor([power(-130), power(100), 4, power(-130)])
    norm.shift = Tensor([0, 0, 1, 5])
    let x = Tensor([[power(-65), power(120), 6, 2]])
    let expected = [power(64), power(-30), 10, 5]
    #expect([Float](norm(x, .inference)) == expected)
    // Recorded, whether its operands are known or not.
    let recorded = gradient(at: x) { x -> Tensor in
      let y = norm(x, .inference)
      #expect([Float](y) == expected)
      return y.sum()
    }
    #expect([Float](recorded) == [.infinity, 0, 1.5, 0])
    let doubled = gradient(at: norm.runningVariance / 2) { half -> Tensor in
      let y = x.normalized(
        mean: norm.runningMean, variance: half + half, scale: norm.scale!, shift: norm.shift!,
        epsilon: 0)
      #expect([Float](y) == expected)
      return y.sum()
    }
    // ∂y/∂σ² = −½·γ·x/σ³, half of it twice over: of the third channel −½·3·6/8.
    #expect([Float](doubled)[2] == -2.25)
  }

  /// Where σ² + ε is 0, the limit for small ε is β at the mean, and beyond all numbers elsewhere.
  @Test func inferenceOfAChannelWithoutVariance() {
    var norm = BatchNorm(3, epsilon: 0)
    norm.runningVariance = .zeros([3])
    norm.scale = Tensor([2, -2, 0])
    norm.shift = Tensor([1, 2, 3])
    #expect(
      [Float](norm(Tensor([[0, 0, 0], [1, 1, 1]]), .inference)) == [
        1, 2, 3, .infinity, -.infinity, 3,
      ])
    // ε = 2⁻¹⁶⁰, which is 0 in float32, has the root 2⁻⁸⁰.
    norm.epsilon = 0x1p-160
    #expect([Float](norm(Tensor([[0x1p-80, 0x1p-80, 1]]), .inference)) == [3, 0, 3])
  }

  @Test func populationStatisticsArePooledExactly() {
    let (a, b) = (batch([4, 2], seed: 1), batch([9, 2], seed: 2) + 3)
    let all = Tensor.concatenated([a, b], along: 0)
    var norm = BatchNorm(2, dtype: .float64)
    norm.recomputeStatistics(over: [a, b]) { norm, x in _ = norm(x, .training) }
    #expect(norm.runningMean.isClose(to: all.mean(over: [0]), relative: 1e-14))
    let variance = all.variance(over: [0], correction: 1)
    #expect(norm.runningVariance.isClose(to: variance, relative: 1e-13))
    #expect(norm.averaging == .exponential(weightOfNew: 0.1))
    norm.recomputeStatistics(over: [a, b], .averaged) { norm, x in _ = norm(x, .training) }
    let average = (a.mean(over: [0]) + b.mean(over: [0])) / 2
    #expect(norm.runningMean.isClose(to: average, relative: 1e-14))
  }

  @Test func populationStatisticsOfAModelReachEveryBatchNormInside() {
    var generator = Philox(seed: 1)
    var model = Sequential {
      Linear(3, 4, using: &generator)
      BatchNorm(4)
      Frozen(BatchNorm(4))
    }
    let before = model
    let batches = (1...3).map { batch([6, 3], seed: UInt64($0), dtype: .float32) }
    model.recomputeStatistics(over: batches) { model, x in _ = model(x, .training) }
    let (layers, old) = (model.layers, before.layers)
    #expect(layers.1.runningMean != old.1.runningMean)
    #expect(layers.2.layer.runningVariance != old.2.layer.runningVariance)
    #expect(layers.0.weight == old.0.weight)
  }

  @Test func batchNormsOfOneNameHaveStatisticsOfTheirOwn() {
    struct Twins: Module {
      var (first, second) = (BatchNorm(1), BatchNorm(1))
      mutating func visit(_ visitor: inout Visitor) {
        visitor.child("norm", &first)
        visitor.child("norm", &second)
      }
    }
    var model = Twins()
    model.recomputeStatistics(over: [Tensor([[1], [3]])]) { model, x in
      _ = model.first(x, .training)
      _ = model.second(x + 10, .training)
    }
    #expect(model.first.runningMean == Tensor([2]) && model.second.runningMean == Tensor([12]))
  }

  @Test func theShardsOfAFixtureMerge() throws {
    for fixture in Fixture.oracle("variance_merge") {
      var population = PopulationStatistics(channels: 1)
      for shard in 0..<Int(fixture.parameters["shards"]!.number!) {
        let x = try fixture("shard_\(shard)").expanded(at: 1)
        population.merge(x, axis: 1)
      }
      let want = try fixture("merged_mean_var_population_var_sample")
      let got = Tensor.concatenated(
        [population.mean, population.variance(.population), population.variance(.unbiased)],
        along: 0)
      #expect(relativeError(got, want) <= 1e-14)
    }
  }

  @Test func aLayerMayBeUsedOnOneTapeAfterAnother() {
    var norm = BatchNorm(2)
    for seed in 1...3 {
      let tape = Tape()
      let x = tape.watch(batch([4, 2], seed: UInt64(seed), dtype: .float32))
      _ = norm(x, .training)
    }
    #expect(Int(norm.batchCount) == 3)
  }
}

/// A batch of random numbers.
func batch(_ shape: [Int], seed: UInt64 = 1, dtype: DType = .float64) -> Tensor {
  var generator = Philox(seed: seed)
  return .normal(shape, dtype: dtype, using: &generator)
}
