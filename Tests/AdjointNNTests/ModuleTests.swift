import Adjoint
import AdjointCheck
import Testing

@testable import AdjointNN

/// The model of the documentation.
private struct Classifier: Layer {
  var hidden: Linear
  var norm: BatchNorm
  var output: Linear

  init(seed: UInt64 = 1) {
    var generator = Philox(seed: seed)
    hidden = Linear(4, 5, bias: false, using: &generator)
    norm = BatchNorm(5)
    output = Linear(5, 3, using: &generator)
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("hidden", &hidden)
    visitor.child("norm", &norm)
    visitor.child("output", &output)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    output(norm(hidden(x, mode), mode).relu(), mode)
  }
}

@Suite("Modules")
struct ModuleTests {
  private let images = batch([8, 4], dtype: .float32)
  private let labels = Tensor([0, 1, 2, 0, 1, 2, 0, 1] as [Int32])

  @Test func pathsAreThoseOfVisit() {
    let model = Classifier()
    #expect(
      model.tensors(.parameter).map(\.path)
        == ["hidden.weight", "norm.scale", "norm.shift", "output.weight", "output.bias"])
    #expect(
      model.tensors(.buffer).map(\.path)
        == ["norm.runningMean", "norm.runningVariance", "norm.batchCount"])
    #expect(model.parameterCount == 20 + 10 + 15 + 3)
  }

  /// Buffers of a type that walks of a module put in place of tensors that they have seen.
  @Test func buffersMayBeOfAnyType() {
    struct Masked: Module {
      var weight = Tensor([1, 2])
      var nothing = Tensor.zeros([0], dtype: .bool)
      var mask = Tensor([[true, false], [false, true]])
      var number = Tensor(0 as Int32)
      mutating func visit(_ visitor: inout Visitor) {
        visitor.parameter("weight", &weight)
        visitor.buffer("nothing", &nothing)
        visitor.buffer("mask", &mask)
        visitor.buffer("number", &number)
      }
    }
    var model = Masked()
    #expect(model.state.names == ["weight", "nothing", "mask", "number"])
    let (_, gradient) = valueAndGradient(of: &model) { $0.weight.squared().sum() }
    #expect(gradient.weight == Tensor([2, 4]))
    #expect(model.mask == Masked().mask && model.nothing.count == 0)
  }

  @Test func forgottenPropertiesAreFound() {
    struct Inner: Module {
      var scale = Tensor([1, 2])
      mutating func visit(_ visitor: inout Visitor) {}
    }
    struct Forgetful: Layer {
      var weight = Tensor([1])
      var bias: Tensor? = Tensor([2])
      var inner = BatchNorm(2)
      var named = Inner()
      var several = [Tensor([3]), Tensor([4])]
      var pair = (Tensor([5]), Inner())
      var byName = ["a": Inner()]
      var label = "no tensor"
      mutating func visit(_ visitor: inout Visitor) {
        visitor.parameter("weight", &weight)
        visitor.child("named", &named)
        visitor.parameter("several.0", &several[0])
      }
      func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { x * weight }
    }
    let expected = [
      "bias", "inner.scale", "inner.shift", "inner.runningMean", "inner.runningVariance",
      "inner.batchCount", "named.scale", "several.1", "pair.0", "pair.1.scale", "byName.a.scale",
    ]
    #expect(unvisitedProperties(of: Forgetful()) == expected)
    let report = checkGradients(of: Forgetful(), at: Tensor([1, 2]), .training)
    #expect(!report.passed && report.findings.count == expected.count)
    #expect(report.findings[0].message.hasPrefix("visit does not name bias, which is neither"))
  }

  @Test func nothingIsForgottenByTheLayersOfThePackage() {
    var generator = Philox(seed: 1)
    #expect(unvisitedProperties(of: Classifier()).isEmpty)
    let model = Sequential {
      Frozen(Conv2D(1, 2, kernel: 3, using: &generator))
      Dropout(rate: 0.5, using: &generator)
      BatchNorm(2)
      Flatten()
      LayerNorm(4)
      Linear(4, 3, using: &generator)
    }
    #expect(unvisitedProperties(of: model).isEmpty)
  }

  @Test func theGradientIsAModelAndStateIsKept() {
    var model = Classifier()
    let before = model
    let (loss, gradient) = valueAndGradient(of: &model) { model in
      softmaxCrossEntropy(model(images, .training), labels)
    }
    #expect(loss.tape == nil && loss.count == 1)
    #expect(gradient.hidden.weight.shape == [5, 4])
    #expect(gradient.hidden.weight.tape == nil)
    #expect(gradient.norm.runningMean == .zeros([5]))
    #expect(model.hidden.weight == before.hidden.weight)
    #expect(model.norm.runningMean != before.norm.runningMean)
    #expect(model.norm.runningMean.tape == nil)
    #expect(Int(model.norm.batchCount) == 1)
  }

  @Test func aModelIsUnchangedWhenItsLossThrows() {
    struct Failure: Error {}
    var model = Classifier()
    let before = model
    #expect(throws: Failure.self) {
      try valueAndGradient(of: &model) { model -> Tensor in
        _ = model(images, .training)
        throw Failure()
      }
    }
    #expect(model.norm.runningMean == before.norm.runningMean)
    #expect(model.hidden.weight.tape == nil)
  }

  @Test func theGradientsOfAModelAreRight() {
    let images = images.cast(to: .float64)
    var model = Classifier()
    let report = checkGradients(of: &model) { model in
      softmaxCrossEntropy(model(images, .training), labels)
    }
    #expect(report.passed, "\(report)")
    #expect(report.results.count == 5)
  }

  /// The gradient penalty ‖∂loss/∂p‖², differentiated: a gradient of a gradient through a model.
  @Test func gradientsOfAModelNest() {
    let images = images.cast(to: .float64)
    var model = Classifier()
    let report = checkGradients(of: &model) { model in
      let (_, gradient) = valueAndGradient(of: &model) { model in
        softmaxCrossEntropy(model(images, .training), labels)
      }
      return gradient.parameters.map { $0.squared().sum() }.reduce(Tensor(0, dtype: .float64), +)
    }
    #expect(report.problems.filter { $0.verdict != .vacuous }.isEmpty, "\(report)")
  }

  @Test func inferenceIsSafeFromManyTasks() async {
    let (model, images) = (Classifier(), images)
    let expected = model.predict(images)
    await withTaskGroup(of: Tensor.self) { group in
      for _ in 0..<8 { group.addTask { model.predict(images) } }
      for await result in group { #expect(result == expected) }
    }
  }

  @Test func sequentialNamesItsLayersByNumber() {
    var generator = Philox(seed: 1)
    var model = Sequential {
      Flatten()
      Linear(4, 3, bias: false, using: &generator)
      BatchNorm(3)
      Tanh()
    }
    #expect(
      model.tensors(.parameter).map(\.path) == ["1.weight", "2.scale", "2.shift"])
    let y = model(images.reshaped(to: [8, 2, 2]), .training)
    #expect(y.shape == [8, 3])
    let layers = model.layers
    #expect(Int(layers.2.batchCount) == 1)
    model[2, as: BatchNorm.self].epsilon = 1e-3
    #expect(model.layers.2.epsilon == 1e-3)
    #expect(checkGradients(of: model, at: images, .training).passed)
  }

  @Test func frozenLayersKeepTheirParameters() {
    var generator = Philox(seed: 1)
    var model = Sequential {
      Frozen(Linear(4, 3, using: &generator))
      Linear(3, 3, using: &generator)
    }
    #expect(model.tensors(.parameter).map(\.path) == ["1.weight", "1.bias"])
    #expect(model.tensors(.buffer).map(\.path) == ["0.weight", "0.bias"])
    let before = model
    let (_, gradient) = valueAndGradient(of: &model) { model in
      softmaxCrossEntropy(model(images, .training), labels)
    }
    var optimizer = SGD(learningRate: 0.1)
    optimizer.update(&model, along: gradient)
    let (layers, old) = (model.layers, before.layers)
    #expect(layers.0.layer.weight == old.0.layer.weight)
    #expect(layers.1.weight != old.1.weight)
  }

  @Test func dropoutScalesWhatItKeepsAndAdvancesItsKey() {
    var generator = Philox(seed: 4)
    var dropout = Dropout(rate: 0.25, using: &generator)
    let x = Tensor.ones([4000])
    let first = dropout(x, .training)
    let values = Set([Float](first))
    #expect(values == [0, 1 / 0.75])
    // 5 deviations of a binomial share: √(0.25·0.75/4000) each.
    let dropped = 1 - Double(first.mean()) * 0.75
    #expect(abs(dropped - 0.25) < 5 * (0.25 * 0.75 / 4000).squareRoot())
    #expect(dropout(x, .training) != first)
    #expect(dropout(x, .inference) == x)
    #expect(checkGradients(of: dropout, at: batch([3, 4]), .training).passed)
  }

  @Test func castingConvertsAllButIntegers() {
    let model = Classifier().cast(to: .float64)
    #expect(model.parameters.allSatisfy { $0.dtype == .float64 })
    #expect(model.norm.runningMean.dtype == .float64)
    #expect(model.norm.batchCount.dtype == .int32)
  }

  @Test func theSummaryIsATable() {
    let expected = """
      layer   type       tensors                  parameters
      hidden  Linear     weight [5, 4]                    20
      norm    BatchNorm  scale [5], shift [5]             10
      output  Linear     weight [3, 5], bias [3]          18
      total                                               48
      """
    #expect(Classifier().summary == expected)
  }

  @Test("Initializers have the deviation that they promise")
  func initializers() {
    var generator = Philox(seed: 8)
    // 40 000 numbers: a sample variance lies within 5·√(2/n) of the variance (of a normal; less of
    // a uniform).
    let (shape, n) = ([200, 200], 40_000.0)
    for (initializer, variance) in [
      (Initializer.heNormal, 2.0 / 200), (.heUniform, 2.0 / 200), (.glorotNormal, 2.0 / 400),
      (.glorotUniform, 2.0 / 400), (.normal(deviation: 0.5), 0.25), (.uniform(bound: 3), 3),
    ] {
      let weights = initializer(shape, dtype: .float64, using: &generator)
      let error = abs(Double(weights.variance()) / variance - 1)
      #expect(error < 5 * (2 / n).squareRoot())
    }
    #expect(Initializer.ones([2, 2], using: &generator) == .ones([2, 2]))
  }
}
