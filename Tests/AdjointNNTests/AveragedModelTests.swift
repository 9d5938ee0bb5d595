import Adjoint
import AdjointNN
import Testing

@Suite("Averages of weights")
struct AveragedModelTests {
  private func model(_ value: Float) -> BatchNorm {
    var norm = BatchNorm(2)
    (norm.scale, norm.shift) = (Tensor([value, 2 * value]), Tensor([value, 0]))
    norm.runningMean = Tensor([value, value])
    return norm
  }

  @Test func equalWeightsGiveTheMean() {
    var average = AveragedModel(model(7), .equal)
    for value: Float in [1, 2, 6] { average.update(with: model(value)) }
    #expect(average.count == 3)
    #expect(average.model.scale!.isClose(to: Tensor([3, 6]), relative: 1e-6))
    // Buffers are those of the last.
    #expect(average.model.runningMean == Tensor([6, 6]))
  }

  /// 1, then ¾·1 + ¼·5 = 2, then ¾·2 + ¼·(−2) = 1.
  @Test func exponentialWeights() {
    var average = AveragedModel(model(9), .exponential(decay: 0.75))
    let means = [Float(1), 5, -2].map { value in
      average.update(with: model(value))
      return Float(average.model.scale![0])
    }
    #expect(means == [1, 2, 1])
  }

  @Test func aSharedWeightStaysOne() {
    struct Tied: Module {
      var weight = Tensor([1, 2])
      mutating func visit(_ visitor: inout Visitor) {
        visitor.parameter("in", &weight)
        visitor.parameter("out", &weight)
      }
    }
    var (average, other) = (AveragedModel(Tied(), .equal), Tied())
    average.update(with: other)
    other.weight = Tensor([3, 6])
    average.update(with: other)
    #expect(average.model.weight == Tensor([2, 4]) && average.model.parameters.count == 1)
  }

  @Test func statisticsOfTheAverageAreMeasuredAnew() {
    var generator = Philox(seed: 3)
    var model = Sequential {
      Linear(3, 2, using: &generator)
      BatchNorm(2)
    }
    var average = AveragedModel(model, .equal)
    var optimizer = SGD(learningRate: 1)
    let x = batch([16, 3], dtype: .float32)
    for _ in 0..<4 {
      let (_, gradient) = valueAndGradient(of: &model) {
        ($0(x, .training) * x.slice(0..<2, along: 1)).sum()
      }
      optimizer.update(&model, along: gradient)
      average.update(with: model)
    }
    average.model.recomputeStatistics(over: [x]) { model, x in _ = model(x, .training) }
    let features = average.model.layers.0.predict(x)
    #expect(
      average.model.layers.1.runningMean.isClose(
        to: features.mean(over: 0), relative: 1e-5, absolute: 1e-6))
  }

  /// A group whose learning rate is 0 is frozen, whatever its type.
  @Test func parametersAreFrozenByTheirPaths() {
    var generator = Philox(seed: 4)
    var model = Sequential {
      Linear(3, 3, using: &generator)
      Linear(3, 1, using: &generator)
    }
    var optimizer = ParameterGroups(of: model, Adam(learningRate: 0.1)) { path, _, own in
      if path.hasPrefix("0.") { own.learningRate = 0 }
    }
    let before = model
    let x = batch([4, 3], dtype: .float32)
    for _ in 0..<3 {
      let (_, gradient) = valueAndGradient(of: &model) { $0(x, .training).squared().sum() }
      optimizer.update(&model, along: gradient)
      optimizer.learningRate *= 0.5
    }
    #expect(model.layers.0.weight == before.layers.0.weight)
    #expect(model.layers.1.weight != before.layers.1.weight)
  }

  /// (3e38 − 3e38)/2 = 0.
  @Test func modelsFarApartAreAveraged() {
    for weighting in [AveragedModel<BatchNorm>.Weighting.exponential(decay: 0.5), .equal] {
      var average = AveragedModel(model(0), weighting)
      for value: Float in [3e38, -3e38] {
        var next = model(0)
        next.scale = Tensor([value, 1])
        average.update(with: next)
      }
      #expect(average.model.scale == Tensor([0, 1]))
    }
  }
}
