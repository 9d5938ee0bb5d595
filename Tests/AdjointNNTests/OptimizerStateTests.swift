import Adjoint
import Testing

@testable import AdjointNN

/// An optimizer as a user might write it: the direction of the last step is kept for each parameter,
/// and the norms of the last gradients besides.
private struct Walker: Optimizer {
  var learningRate = 0.1
  var isShy = false
  private(set) var stepCount = 0
  private(set) var directions: [Tensor] = []
  private(set) var norms: [Tensor] = [.zeros([]), .zeros([2], dtype: .int32)]

  mutating func update(_ parameters: inout [Tensor], along gradients: [Tensor]) {
    directions = zip(directions.isEmpty ? gradients : directions, gradients).map { $0 * 0.5 + $1 }
    parameters = zip(parameters, directions).map { $0 - $1 * learningRate }
    norms[0] = gradients.reduce(Tensor.zeros([])) { $0 + $1.cast(to: .float32).squared().sum() }
    stepCount += 1
  }

  mutating func visit(_ visitor: inout OptimizerVisitor) {
    visitor.number("learningRate", &learningRate)
    visitor.flag("isShy", &isShy)
    visitor.count("stepCount", &stepCount)
    visitor.perParameter("directions", &directions)
    visitor.tensors("norms", &norms)
  }
}

/// A matrix and a vector of another element type.
private struct TwoTypes: Module {
  var w = Tensor([[1, -2], [0.5, 3]])
  var b = Tensor([0.25, -1] as [Double])

  mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("w", &w)
    visitor.parameter("b", &b)
  }

  func loss() -> Tensor { (w.squared().sum().cast(to: .float64) + b.squared().squared().sum()) }
}

@Suite("The state of optimizers")
struct OptimizerStateTests {
  private static let all: [any Optimizer] = [
    SGD(learningRate: 0.01), SGD(learningRate: 0.01, momentum: 0.9, weightDecay: 0.1),
    SGD(learningRate: 0.01, momentum: 0.9, nesterov: true), Adam(), Adam.w(betas: (0.8, 0.95)),
    AMSGrad(), RMSprop(momentum: 0.5, isCentred: true), RMSprop(weightDecay: 0.1), Adagrad(),
    Adadelta(), Adamax(), NAdam(), RAdam(), Lion(),
    ParameterGroups(of: TwoTypes(), Adam.w()) { path, _, own in
      if path == "b" { own.weightDecay = 0 }
    },
    Walker(),
  ]

  private func step(_ optimizer: inout any Optimizer, _ model: inout TwoTypes) {
    let gradient = valueAndGradient(of: &model) { $0.loss() }.gradient
    optimizer.update(&model, along: gradient)
  }

  @Test("Training goes on with a state that was loaded, bit for bit", arguments: 0..<all.count)
  func goesOn(_ index: Int) throws {
    for stop in 0...3 {
      var (optimizer, model) = (Self.all[index], TwoTypes())
      for _ in 0..<stop { step(&optimizer, &model) }
      // One of the same kind that has been told otherwise, and has taken steps of its own.
      var (resumed, copy, other) = (Self.all[index], model, TwoTypes())
      resumed.learningRate = 0.7
      step(&resumed, &other)
      try resumed.load(optimizer.state, for: model)
      #expect(resumed.state == optimizer.state)
      for _ in 0..<3 {
        step(&optimizer, &model)
        step(&resumed, &copy)
      }
      #expect(copy.w == model.w && copy.b == model.b)
      #expect(resumed.stepCount == stop + 3)
    }
  }

  /// Every stored property changes when all of the state does.
  @Test(arguments: 0..<all.count) func nothingThatIsStoredIsLeftOut(_ index: Int) throws {
    var (optimizer, model) = (Self.all[index], TwoTypes())
    // Groups follow from the model that they are made for.
    if optimizer is ParameterGroups<Adam> { return }
    step(&optimizer, &model)
    var state = optimizer.state
    for (name, value) in state.numbers {
      let isFlag = ["isNesterov", "decouplesWeightDecay", "isCentred", "isShy"].contains(name)
      state.numbers[name] = isFlag ? 1 - value : value + 1
    }
    state.perParameter = state.perParameter.mapValues { $0.isEmpty ? model.parameters : [] }
    state.tensors = state.tensors.mapValues { $0 + $0 }
    var changed = optimizer
    try changed.load(state, for: model)
    #expect(changed.state == state)
    let properties = Mirror(reflecting: changed).children
    for (old, new) in zip(Mirror(reflecting: optimizer).children, properties) {
      #expect("\(old.value)" != "\(new.value)", "\(old.label ?? "") is not named by visit")
    }
  }

  @Test func whatDoesNotFitIsSaidAndChangesNothing() {
    var (optimizer, model): (any Optimizer, TwoTypes) = (Adam(), TwoTypes())
    step(&optimizer, &model)
    let state = optimizer.state
    func problem(
      _ change: (inout OptimizerState) -> Void
    ) -> OptimizerStateError.Problem? {
      var changed = state
      change(&changed)
      do {
        try optimizer.load(changed, for: model)
        return nil
      } catch {
        #expect(optimizer.state == state)
        return error.problem
      }
    }
    #expect(problem { _ in } == nil)
    #expect(problem { $0.numbers["beta2"] = nil } == .missing("beta2"))
    #expect(problem { $0.perParameter["means"] = nil } == .missing("means"))
    #expect(problem { $0.numbers["momentum"] = 0 } == .unexpected("momentum"))
    #expect(problem { $0.tensors["norms"] = [] } == .unexpected("norms"))
    #expect(problem { $0.numbers["stepCount"] = 0.5 } == .wrongNumber("stepCount", 0.5))
    #expect(problem { $0.numbers["stepCount"] = -1 } == .wrongNumber("stepCount", -1))
    #expect(problem { $0.numbers["stepCount"] = 1e300 } == .wrongNumber("stepCount", 1e300))
    #expect(
      problem { $0.numbers["epsilon"] = .infinity } == .wrongNumber("epsilon", .infinity))
    #expect(
      problem { $0.numbers["decouplesWeightDecay"] = 2 }
        == .wrongNumber("decouplesWeightDecay", 2))
    #expect(
      problem { $0.perParameter["means"]?.removeLast() } == .wrongCount("means", 1, parameters: 2))
    let (float, double) = (TensorType(.float32, [2, 2]), TensorType(.float64, [2]))
    #expect(
      problem { $0.perParameter["means"]?.swapAt(0, 1) }
        == .wrongType("means", 0, double, parameter: float))
  }

  @Test func messagesNameTheOptimizerAndTheRemedy() {
    func text(_ problem: OptimizerStateError.Problem) -> String {
      OptimizerStateError(optimizer: "Adam", problem: problem).description
    }
    #expect(text(.missing("beta2")) == "Adam: the state has no beta2; it is of another optimizer")
    #expect(
      text(.wrongCount("means", 1, parameters: 2))
        == "Adam: the state has 1 tensors of means for 2 parameters; it is of another model")
  }
}
