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

  /// Every stored property changes when all of the state does. Nesterov's momentum allows no dampening: they change
  /// one at a time.
  @Test(arguments: 0..<all.count) func nothingThatIsStoredIsLeftOut(_ index: Int) throws {
    var (optimizer, model) = (Self.all[index], TwoTypes())
    // Groups follow from the model that they are made for.
    if optimizer is ParameterGroups<Adam> { return }
    step(&optimizer, &model)
    let before = Mirror(reflecting: optimizer).children.map { "\($0.value)" }
    var named: Set<Int> = []
    for flipsNesterov in [false, true] {
      var state = optimizer.state
      for (name, value) in state.numbers where name != "isNesterov" || flipsNesterov {
        let isFlag = ["isNesterov", "decouplesWeightDecay", "isCentred", "isShy"].contains(name)
        // Another number of 0 to 1, which all but counts and flags may be.
        state.numbers[name] =
          isFlag ? 1 - value : name == "stepCount" ? value + 1 : value / 2 + 0.125
      }
      if state.numbers["isNesterov"] == 1 { state.numbers["dampening"] = 0 }
      state.perParameter = state.perParameter.mapValues { $0.isEmpty ? model.parameters : [] }
      state.tensors = state.tensors.mapValues { $0 + $0 }
      var changed = optimizer
      try changed.load(state, for: model)
      #expect(changed.state == state)
      for (place, property) in Mirror(reflecting: changed).children.enumerated()
      where "\(property.value)" != before[place] {
        named.insert(place)
      }
    }
    for (place, property) in Mirror(reflecting: optimizer).children.enumerated() {
      #expect(named.contains(place), "\(property.label ?? "") is not named by visit")
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
    // What the next step would stop at: below 0, not below 1, and 0 or infinite in float32.
    for (name, value) in [
      ("learningRate", -0.1), ("learningRate", 1e300), ("beta1", 1), ("beta2", -0.1),
      ("epsilon", 0), ("epsilon", 1e-60), ("weightDecay", -1),
    ] {
      #expect(problem { $0.numbers[name] = value } == .wrongNumber(name, value))
    }
    // A mean of squares is 0 or more, and may be more than float32 holds.
    #expect(
      problem { $0.perParameter["squares"]?[1] = Tensor([1, -0.5] as [Double]) }
        == .wrongNumber("an element of tensor 1 of squares", -0.5))
    #expect(problem { $0.perParameter["squares"]?[0] = .full([2, 2], .nan) } != nil)
    #expect(problem { $0.perParameter["squares"]?[0] = .full([2, 2], .infinity) } == nil)
    try? optimizer.load(state, for: model)
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

  @Test func nesterovsMomentumNeedsAMomentumWhenItIsLoaded() throws {
    var optimizer = SGD(learningRate: 0.1, momentum: 0.9, nesterov: true)
    var state = optimizer.state
    try optimizer.load(state, for: TwoTypes())
    state.numbers["momentum"] = 0
    #expect(
      throws: OptimizerStateError(optimizer: "SGD", problem: .wrongNumber("isNesterov", 1))
    ) { try optimizer.load(state, for: TwoTypes()) }
    #expect(optimizer.momentum == 0.9)
  }

  /// w, float32[2, 2], is in the first group, b, float64[2], in the second.
  @Test func theListsOfGroupsAreHeldAgainstTheirParameters() {
    var (model, own) = (
      TwoTypes(),
      ParameterGroups(of: TwoTypes(), Adam()) { path, _, own in
        if path == "b" { own.weightDecay = 0 } else { own.weightDecay = 0.1 }
      }
    )
    #expect(own.paths == [["w"], ["b"]])
    own.update(&model, along: TwoTypes())
    let state = own.state
    func problem(
      for other: some Module = TwoTypes(), _ change: (inout OptimizerState) -> Void
    ) -> OptimizerStateError.Problem? {
      var changed = state
      change(&changed)
      do {
        try own.load(changed, for: other)
        return nil
      } catch {
        #expect(own.state == state)
        return error.problem
      }
    }
    #expect(problem { _ in } == nil)
    #expect(
      problem { $0.tensors["1.means"] = state.tensors["0.means"] }
        == .wrongType(
          "1.means", 1, TensorType(.float32, [2, 2]), parameter: TensorType(.float64, [2])))
    #expect(
      problem { $0.tensors["0.squares"]! += state.tensors["0.squares"]! }
        == .wrongCount("0.squares", 2, parameters: 1))
    #expect(problem { $0.numbers["1.learningRate"] = -1 } == .wrongNumber("1.learningRate", -1))
    #expect(problem(for: ReLU()) { _ in } == .otherGroups(2, parameters: 0))
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
