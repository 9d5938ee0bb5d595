import Adjoint
import AdjointCheck
import AdjointNN
import Testing

@Suite("Which statistics batch norms use")
struct BatchNormStatisticsTests {
  /// Of the batch 1, 3: the mean is 2, the variance 1 by n and 2 by n − 1.
  @Test("The conventions of other systems")
  func conventions() {
    let cases: [(BatchNorm.Convention, mean: Float, variance: Float, epsilon: Double)] = [
      (.pyTorch, 0.2, 1.1, 1e-5), (.keras, 0.02, 1, 1e-3), (.flax, 0.02, 1, 1e-5),
      (.onnx, 0.2, 1, 1e-5),
    ]
    for (convention, mean, variance, epsilon) in cases {
      var norm = BatchNorm(1, convention: convention)
      _ = norm(Tensor([[1], [3]]), .training)
      #expect(norm.runningMean == Tensor([mean]) && norm.epsilon == epsilon)
      #expect(norm.runningVariance.isClose(to: Tensor([variance]), relative: 1e-6))
    }
    #expect(BatchNorm(2, convention: .keras).axis == -1)
    #expect(BatchNorm(2, convention: .keras, axis: 1).axis == 1)
  }

  @Test func runningStatisticsInTrainingAreUsedAndStay() {
    var norm = BatchNorm(2, dtype: .float64)
    norm.statistics = .running
    norm.runningMean = Tensor([1, -2] as [Double])
    let (x, before) = (batch([4, 2]), norm.state.dictionary)
    #expect(norm(x, .training) == norm(x, .inference))
    #expect(norm.state.dictionary == before)
    var free = norm
    free.statistics = .byMode
    #expect(norm(x, .training) == free(x, .inference))
    // Its parameters are still trained, unless it is frozen as well.
    let (_, gradient) = valueAndGradient(of: &norm) { $0(x, .training).squared().sum() }
    #expect([Double](gradient.scale!).allSatisfy { $0 != 0 })
    #expect(Frozen(norm).parameters.isEmpty)
  }

  @Test func theBatchsStatisticsInInferenceAreThoseOfTraining() {
    var norm = BatchNorm(2, dtype: .float64)
    norm.statistics = .batch
    let x = batch([4, 2])
    #expect(norm(x, .inference) == norm(x, .training))
    #expect(Int(norm.batchCount) == 0)
  }

  @Test func recomputingLeavesStatisticsThatAreKept() {
    struct Two: Module {
      var (kept, measured) = (BatchNorm(1), BatchNorm(1))
      mutating func visit(_ visitor: inout Visitor) {
        visitor.child("kept", &kept)
        visitor.child("measured", &measured)
      }
    }
    var model = Two()
    model.kept.statistics = .running
    model.recomputeStatistics(over: [Tensor([[1], [3]])]) { model, x in
      _ = (model.kept(x, .training), model.measured(x, .training))
    }
    #expect(model.kept.runningMean == Tensor([0]) && model.measured.runningMean == Tensor([2]))
  }

  @Test("Each virtual batch has its own statistics", arguments: [[6, 2], [7, 2], [8, 2, 3]])
  func ghosts(_ shape: [Int]) {
    let x = batch(shape)
    var ghost = GhostBatchNorm(BatchNorm(2, dtype: .float64), size: 3)
    let y = ghost(x, .training)
    // 6 = 3 + 3; 7 = 2 + 2 + 3; 8 = 2 + 3 + 3.
    let ends = [6: [3, 6], 7: [2, 4, 7], 8: [2, 5, 8]][shape[0]]!
    var norm = BatchNorm(2, dtype: .float64)
    for (start, end) in zip([0] + ends, ends) {
      #expect(y[start..<end] == norm(x[start..<end], .training))
    }
    #expect(ghost.norm.runningMean == norm.runningMean && Int(ghost.norm.batchCount) == ends.count)
    #expect(ghost(x, .inference) == norm(x, .inference))
    #expect(
      ghost.state.names == ["scale", "shift", "runningMean", "runningVariance", "batchCount"])
  }

  @Test("No virtual batch has a single value for each channel", arguments: [3, 5])
  func ghostsOfTwo(_ count: Int) {
    // 3; 5 = 2 + 3.
    let ends = count == 3 ? [3] : [2, 5]
    let x = batch([count, 2])
    var ghost = GhostBatchNorm(BatchNorm(2, dtype: .float64), size: 2)
    var norm = BatchNorm(2, dtype: .float64)
    let y = ghost(x, .training)
    for (start, end) in zip([0] + ends, ends) {
      #expect(y[start..<end] == norm(x[start..<end], .training))
    }
    #expect(Int(ghost.norm.batchCount) == ends.count)
    // A single image has many values.
    _ = ghost(batch([3, 2, 4]), .training)
    #expect(Int(ghost.norm.batchCount) == ends.count + 2)
  }

  @Test("The count of batches goes as far as int32", arguments: [true, false])
  func countsAreFull(_ isCumulative: Bool) {
    var norm = BatchNorm(
      1, averaging: isCumulative ? .cumulative : .exponential(weightOfNew: 0.5))
    norm.batchCount = Tensor(Int32.max)
    _ = norm(Tensor([[1], [3]]), .training)
    #expect(norm.batchCount == Tensor(Int32.max))
    #expect(norm.runningMean.isClose(to: Tensor([isCumulative ? 0x1p-30 : 1])))
  }

  @Test func aGapThatIsUnknownIsPrinted() {
    var norm = BatchNorm(1)
    norm.runningVariance = Tensor([.nan])
    let gap = norm.statisticsGap(over: [Tensor([[1], [2]])]) { norm, x in _ = norm(x, .training) }
    #expect("\(gap[0])".hasSuffix("variances nan to nan times those of the data"))
  }

  @Test func theGapIsHowFarTheAveragesAreOff() {
    let x = batch([50, 2]) * 2 + 3
    var norm = BatchNorm(2, epsilon: 0, dtype: .float64)
    let gap = norm.statisticsGap(over: [x]) { norm, x in _ = norm(x, .training) }[0]
    let (mean, variance) = (x.mean(over: 0), x.variance(over: [0], correction: 1))
    #expect(gap.meanOffset.isClose(to: -mean / variance.squareRoot(), relative: 1e-13))
    #expect(gap.varianceRatio.isClose(to: 1 / variance, relative: 1e-13))
    #expect("\(gap)".hasPrefix("BatchNorm: means off by up to 1."))
    norm.recomputeStatistics(over: [x]) { norm, x in _ = norm(x, .training) }
    let closed = norm.statisticsGap(over: [x]) { norm, x in _ = norm(x, .training) }[0]
    #expect(closed.largestOffset == 0 && closed.ratios == 1...1)
  }
}
