import Adjoint
import AdjointCheck
import AdjointNN
import Testing

@Suite("What a check is told")
struct OptionsTests {
  private let x = Tensor([0.3, -1.2, 2.5])
  private let y = Tensor([1.5, 0.2, -0.7])

  @Test func onlyTheInputsAskedForAreChecked() {
    var generator = Philox(seed: 1)
    let model = Sequential {
      Linear(3, 4, using: &generator)
      Linear(4, 2, using: &generator)
    }
    let report = checkGradients(
      of: model, at: .normal([2, 3], using: &generator), .training,
      options: CheckOptions(inputs: ["1", "x"]))
    #expect(report.results.map(\.input) == ["1.weight", "1.bias", "x"])
    #expect(report.passed, "\(report)")
  }

  @Test func aBudgetIsSpentOnSomeOfEachInput() {
    var generator = Philox(seed: 1)
    let layer = Linear(100, 50, using: &generator)
    let report = checkGradients(
      of: layer, at: .normal([4, 100], using: &generator), .training,
      options: CheckOptions(budget: 1e-6))
    #expect(report.passed, "\(report)")
    #expect(report.results.map(\.comparisons) == [1, 1, 1])
    #expect("\(report)".contains("weight [50, 100], along 1 random direction; "))
  }

  @Test func stopsOnPurposeAreDeclared() {
    // A straight-through estimator: it rounds, and its gradient is that of the identity.
    func quantized(_ x: Tensor) -> Tensor {
      x + (x.cast(to: .int32).cast(to: x.dtype) - x).stoppingGradient()
    }
    let told = checkGradients(
      at: [x, y], options: CheckOptions(expectations: [.stopped("input 0")])
    ) { [quantized($0[0]) * $0[1]] }
    #expect(told.passed, "\(told)")
    #expect(told.results[0].verdict == .declared)
    #expect(
      "\(told)".contains("and not compared; with all that is stopped held constant it is right"))
    let untold = checkGradients(at: [x, y]) { [quantized($0[0]) * $0[1]] }
    #expect(!untold.passed)
    #expect("\(untold)".contains("declare it with expectations: [.stopped(\"input 0\")]"))
    #expect(
      "\(untold)".contains("fail: input 0 [3]: with all that is stopped held constant it is right"))
  }

  /// y = x + c with c = round x − x is x in a new place, and its slope 1.
  @Test func stopsByDefinitionAreHeldConstant() {
    func quantized(_ x: Tensor, times factor: Double) -> Tensor {
      let rounding = x.cast(to: .int32).cast(to: x.dtype) - x
      return (x + rounding.stoppingGradient(byDefinition: true)) * x.stoppingGradient() * factor
        + x.sin()
    }
    func straight(_ x: Tensor) -> Tensor {
      x + (x.cast(to: .int32).cast(to: x.dtype) - x).stoppingGradient(byDefinition: true)
    }
    for order in 1...2 {
      let right = checkGradients(at: [x, y], order: order) { [straight($0[0]).squared() * $0[1]] }
      #expect(right.passed && right.results[0].verdict == .pass, "\(right)")
    }
    // What is stopped otherwise, or wrong beside it, shows.
    let stopped = checkGradients(at: [x]) { [quantized($0[0], times: 1)] }
    #expect(stopped.verdicts.contains(.fail), "\(stopped)")
    struct Doubled: UnaryFunction {
      static let name = "doubled"
      static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { 2 * x }
      static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { g * 2.001 }
    }
    let wrong = checkGradients(at: [x]) { [Unary<Doubled>()(straight($0[0]))] }
    #expect(wrong.verdicts.contains(.fail), "\(wrong)")
  }

  @Test func valuesThatAreReadAreConstantsForTheGradient() {
    let text = "note: the function reads values on the way"
    let functions: [@Sendable ([Tensor]) -> [Tensor]] = [
      { [$0[0] * $0[0].detached] }, { [$0[0] * $0[0].sin().detached] },
      { [$0[0] * Double($0[0].squared().sum())] },
    ]
    for function in functions {
      let report = checkGradients(at: [x], of: function)
      #expect(report.verdicts == [.fail] && "\(report)".contains(text), "\(report)")
    }
    let unread = checkGradients(at: [x, y]) { [$0[0] * $0[1].stoppingGradient()] }
    #expect(!unread.passed && !"\(unread)".contains(text))
  }

  @Test func pointsAreNumbered() {
    let report = checkGradients(at: [x], options: CheckOptions(points: 3)) { [$0[0].sin()] }
    #expect(report.results.map(\.point) == [1, 2, 3])
    #expect("\(report)".contains("pass: input 0 [3], point 3, 3 derivatives"))
  }

  @Test func namesOfTwoTensorsAreAFinding() {
    struct Twice: Layer {
      var (first, second) = (Tensor([1, 2]), Tensor([3, 4]))
      mutating func visit(_ visitor: inout Visitor) {
        visitor.parameter("w", &first)
        visitor.parameter("w", &second)
      }
      mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { x * first + second }
    }
    let report = checkGradients(of: Twice(), at: Tensor([0.5, 2]), .training)
    #expect("\(report)".contains("visit names two tensors w; give each a name of its own"))
  }

  @Test(arguments: [(Double.nan, "NaN"), (-.infinity, "infinite")])
  func pointsHaveToBeFinite(element: Double, name: String) {
    let report = checkGradients(at: [Tensor([0.5, element])]) { [$0[0].tanh()] }
    #expect(report.verdicts == [.inconclusive])
    #expect("\(report)".contains("input 0 is \(name) at [1], where there are no differences"))
  }

  @Test func anInfiniteDerivativeIsLeftOpenAndAWrongOneIsNot() {
    let root = checkGradients(at: [Tensor([0.0, 1])]) { [$0[0].squareRoot()] }
    #expect("\(root)".contains("inconclusive: input 0 [2]: the derivative is infinite there"))
    // Its derivative is 0 there; the way back goes through 1/0.
    let square = checkGradients(at: [Tensor([0.0, 1])]) { [$0[0].squareRoot().power(4)] }
    #expect(square.verdicts.isSubset(of: [.pass, .kink, .inconclusive]), "\(square)")
  }

  @Test func invariancesAreHeldToTheirWord() {
    let options = CheckOptions(expectations: [.invariant("input 0")])
    #expect(checkGradients(at: [x], options: options) { [$0[0].softmax().sum()] }.passed)
    let wrong = checkGradients(at: [x], options: options) { [$0[0].softmax()] }
    #expect("\(wrong)".contains("it is declared invariant, but the result depends on it"))
  }

  @Test func jumpsOnPurposeAreLeftOut() {
    let point = Tensor([0, 1.5])
    func steps(_ x: Tensor) -> Tensor { x.sign() + x * 0.5 }
    #expect(!checkGradients(at: [point]) { [steps($0[0])] }.passed)
    let report = checkGradients(
      at: [point], options: CheckOptions(expectations: [.kink("input 0")])
    ) { [steps($0[0])] }
    #expect(report.passed, "\(report)")
  }

  @Test func approximateGradientsAreRightToATolerance() {
    struct Approximate: UnaryFunction {
      static let name = "approximateSine"
      static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .sin(x) }
      static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { g * x.cos() * 1.001 }
    }
    let operation = Unary<Approximate>()
    #expect(!checkGradients(of: operation, at: [x]).passed)
    let options = CheckOptions(expectations: [.tolerance("input 0", 0.01)])
    #expect(checkGradients(of: operation, at: [x], options: options).passed)
  }

  @Test func layersOfSeveralInputsAreChecked() {
    struct Mixing: Module {
      var weight = Tensor([[0.5, -1], [2, 0.3]])
      mutating func visit(_ visitor: inout Visitor) { visitor.parameter("weight", &weight) }
    }
    let (a, b) = (Tensor([[1, 2]]), Tensor([[0.5, -0.3]]))
    let report = checkGradients(of: Mixing(), at: ["a": a, "b": b]) { layer, inputs in
      inputs[0].matMul(layer.weight).tanh() * inputs[1]
    }
    #expect(report.passed, "\(report)")
    #expect(report.results.map(\.input) == ["weight", "a", "b"])
  }

  @Test func furtherPointsLieBesideTheGivenOne() {
    let report = checkGradients(at: [x], options: CheckOptions(points: 3)) { [$0[0].sin()] }
    #expect(report.passed, "\(report)")
    #expect(report.results.count == 3)
  }

  /// The right value is one of a scale of ones: what is multiplied by it does not show.
  @Test func parametersAreMovedUnlessToldOtherwise() {
    let (layer, point) = (ForgettingScale(), Tensor([[0.5, -2]]))
    #expect(!checkGradients(of: layer, at: point, .training).passed)
    let options = CheckOptions(movesParameters: false)
    let report = checkGradients(of: layer, at: point, .training, options: options)
    #expect(report.results.allSatisfy { $0.verdict == .pass }, "\(report)")
  }

  @Test func constantsAreTakenInThePrecisionOfTheCheck() {
    // A closure that has float32 constants, and a layer with a float64 tensor that visit cannot reach.
    let constant = Tensor([2, 3, 4] as [Float])
    let report = checkGradients(at: [x]) { [$0[0] * constant] }
    #expect(report.passed, "\(report)")
    let layer = checkGradients(of: Captured(), at: x, .training)
    #expect(layer.passed, "\(layer)")
  }

  @Test func wrongOptionsStopWithAMessage() async {
    let unknown = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = checkGradients(at: [Tensor([1])], options: CheckOptions(inputs: ["y"])) { [$0[0]] }
    }
    let text = String(decoding: unknown?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("checkGradients: there is no input y; there are input 0"))
  }

  @Test func toleratingEverythingStopsWithAMessage() async {
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let options = CheckOptions(expectations: [.tolerance("input 0", .nan)])
      _ = checkGradients(at: [Tensor([1])], options: options) { [$0[0]] }
    }
    let text = String(decoding: none?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      text.contains("the tolerance of input 0 is nan; give a relative error between 0 and 1"))
    let nothing = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = checkGradients(at: [Tensor([1])], options: CheckOptions(inputs: [])) { [$0[0]] }
    }
    let reason = String(decoding: nothing?.standardErrorContent ?? [], as: UTF8.self)
    #expect(reason.contains("checkGradients: inputs is [], so that nothing is checked"))
  }

  @Test func emptyNamesStopWithAMessage() async {
    let name = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = checkGradients(at: [Tensor([1])], name: "") { [$0[0]] }
    }
    let text = String(decoding: name?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      text.contains("checkGradients: the name is empty; give one for the report, or leave it"))
    let input = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = checkGradients(at: [Tensor([1]), Tensor([2])], inputNames: ["x", ""]) { [$0[0] * $0[1]] }
    }
    let reason = String(decoding: input?.standardErrorContent ?? [], as: UTF8.self)
    #expect(reason.contains("checkGradients: the name of input 1 is empty; give it one"))
  }

  @Test func whatIsSaidTwiceStopsWithAMessage() async {
    let names = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = checkGradients(at: [Tensor([1]), Tensor([2])], inputNames: ["x", "x"]) { [$0[0] * $0[1]] }
    }
    let text = String(decoding: names?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("checkGradients: two inputs are called x; give each a name of its own"))
    let both = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let options = CheckOptions(expectations: [.stopped("input 0"), .invariant("input 0")])
      _ = checkGradients(at: [Tensor([1])], options: options) { [$0[0]] }
    }
    let reason = String(decoding: both?.standardErrorContent ?? [], as: UTF8.self)
    #expect(reason.contains("checkGradients: there are two expectations of input 0; give one"))
  }
}

/// x times a scale, whose rule forgets the scale: right as long as it is 1.
private struct ForgettingScale: Layer {
  var scale = Tensor([1, 1])
  mutating func visit(_ visitor: inout Visitor) { visitor.parameter("scale", &scale) }
  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x * scale.stoppingGradient() + (x - x.stoppingGradient()) * (1 - scale.stoppingGradient())
      + x.stoppingGradient() * (scale - scale.stoppingGradient())
  }
}

/// A layer that multiplies by a constant which it keeps where no visitor finds it.
private struct Captured: Layer {
  private let factor: @Sendable () -> Tensor = { Tensor([1, 2, 3] as [Double]) }
  mutating func visit(_ visitor: inout Visitor) {}
  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { x * factor() }
}
