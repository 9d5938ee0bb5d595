import Adjoint
import AdjointCheck
import Testing

@testable import AdjointNN

@Suite("Steps of training, at their edges")
struct StepTests {
  /// Two layers that share a weight, which is named by both.
  struct Tied: Module {
    var weight = Tensor([[1, 2], [3, 4]])
    var bias = Tensor([0.5, -0.5])
    mutating func visit(_ visitor: inout Visitor) {
      visitor.parameter("embedding", &weight)
      visitor.parameter("bias", &bias)
      visitor.parameter("output", &weight)
    }
    func callAsFunction(_ x: Tensor) -> Tensor {
      (x.matMul(weight) + bias).matMul(weight, transposingOther: true)
    }
  }

  @Test func aSharedWeightIsOneParameter() {
    var model = Tied()
    #expect(model.parameterCount == 6)
    #expect(model.parameters.count == 2)
    #expect(model.tensors(.parameter).map(\.path) == ["embedding", "bias"])
    let x = Tensor([[1, -1], [2, 0.5]])
    let expected = gradients(at: [model.weight, model.bias]) { p in
      (x.matMul(p[0]) + p[1]).matMul(p[0], transposingOther: true).squared().sum()
    }
    let (_, gradient) = valueAndGradient(of: &model) { $0(x).squared().sum() }
    #expect(gradient.weight == expected[0] && gradient.bias == expected[1])
    #expect(model.weight.tape == nil && gradient.weight.tape == nil)
    let before = model
    var optimizer = SGD(learningRate: 0.25)
    optimizer.update(&model, along: gradient)
    #expect(model.weight == before.weight - gradient.weight * 0.25)
    #expect(model.bias == before.bias - gradient.bias * 0.25)
    var adam = Adam()
    for _ in 0..<3 {
      let (_, gradient) = valueAndGradient(of: &model) { $0(x).squared().sum() }
      adam.update(&model, along: gradient)
    }
    #expect(adam.means.count == 2 && model.weight.tape == nil)
  }

  @Test func theCheckerAndTheSummaryKnowASharedWeight() {
    var model = Tied()
    let x = Tensor([1, -1, 2, 0.5], shape: [2, 2], dtype: .float64)
    let report = checkGradients(of: &model) { $0(x).sin().sum() }
    #expect(report.passed && report.results.count == 2, "\(report)")
    #expect(model.summary.contains("embedding [2, 2], bias [2]"))
  }

  @Test func whatIsFrozenByNameIsABuffer() {
    struct Student: Module {
      var own = Tensor.ones([2])
      var teacher = Tied()
      mutating func visit(_ visitor: inout Visitor) {
        visitor.parameter("own", &own)
        visitor.frozen("teacher", &teacher)
      }
    }
    var model = Student()
    #expect(model.parameterCount == 2)
    #expect(model.tensors(.buffer).map(\.path) == ["teacher.embedding", "teacher.bias"])
    let (_, gradient) = valueAndGradient(of: &model) { model in
      (model.teacher(Tensor([[1, 2]])) * model.own).sum()
    }
    #expect(gradient.own == model.teacher(Tensor([[1, 2]])).sum(over: 0))
    #expect(model.teacher.weight == Tied().weight)
  }

  @Test func resultsBesideTheLossComeOutAsValues() {
    var model = Tied()
    let x = Tensor([[1, -1]])
    let (loss, gradient, results) = valueGradientAndResults(of: &model) { model in
      let y = model(x)
      return (y.squared().sum(), [y, Tensor([7])])
    }
    #expect(results.count == 2 && results.allSatisfy { $0.tape == nil })
    #expect(results[0] == model(x) && results[1] == Tensor([7]))
    #expect(loss == results[0].squared().sum())
    #expect(
      gradient.weight == valueAndGradient(of: &model) { $0(x).squared().sum() }.gradient.weight)
  }

  @Test(
    "Adam's steps along huge gradients are those of the learning rate",
    arguments: [DType.float32, .float64])
  func adamAtTheEdges(_ dtype: DType) {
    let huge: [Double] =
      dtype == .float32 ? [1e19, 1e20, 3e38, -3e38] : [1e153, 1e160, 1.7e308, -1e200]
    var optimizer = Adam(learningRate: 0.5)
    var parameters = [Tensor.zeros([4], dtype: dtype)]
    for step in 1...2000 {
      optimizer.update(&parameters, along: [Tensor(huge, dtype: dtype)])
      // Of equal gradients m̂ is g and v̂ is g²: each step is η. A step rounds some eight times; β₂ rounds by
      // half a unit, which is up to 1/(1 − β₂) = 1000 times as much of v.
      guard step == 1 || step == 2000 else { continue }
      let expected = Tensor(huge.map { ($0 > 0 ? -0.5 : 0.5) * Double(step) }, dtype: dtype)
      #expect(
        parameters[0].isClose(
          to: expected, relative: (step == 1 ? 8 : 1000) * dtype.epsilon, absolute: 0),
        "step \(step): \(parameters[0])")
    }
    #expect([Double](optimizer.squares[0]).allSatisfy { $0.isFinite })
    optimizer.update(&parameters, along: [Tensor([1, .infinity, -.infinity, .nan], dtype: dtype)])
    #expect([Double](parameters[0]).map(\.isFinite) == [true, false, false, false])
  }

  @Test func aMissIsNoHit() {
    let logits = Tensor([[.nan, 0], [0, 1], [.nan, .nan]])
    #expect(accuracy(logits, Tensor([0, 1, 0] as [Int32])) == 1.0 / 3)
  }

  @Test func populationStatisticsOfALargeMean() {
    var generator = Philox(seed: 4)
    let batches = (0..<8).map { _ in
      Tensor.normal([64, 1], mean: 1e4, deviation: 1e-2, using: &generator)
    }
    var norm = BatchNorm(1)
    norm.recomputeStatistics(over: batches) { norm, x in _ = norm(x, .training) }
    let all = Tensor.concatenated(batches, along: 0).cast(to: .float64)
    let expected = all.variance(over: [0], correction: 1)
    #expect(
      norm.runningVariance.cast(to: .float64).isClose(to: expected, relative: 1e-7, absolute: 0))
  }
}
