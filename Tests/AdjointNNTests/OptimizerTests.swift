import Adjoint
import AdjointFixtures
import Testing

@testable import AdjointNN

/// Two parameters, as in the fixtures.
private struct TwoParameters: Module {
  var w: Tensor
  var b: Tensor

  mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("w", &w)
    visitor.parameter("b", &b)
  }
}

@Suite("Optimizers")
struct OptimizerTests {
  @Test("One large gradient freezes no parameter", arguments: [1e20, -3e38])
  func largeGradient(size: Double) {
    let optimizers: [any Optimizer] = [
      Adam(), AMSGrad(), RMSprop(), RMSprop(isCentred: true), Adagrad(), Adadelta(), Adamax(),
      NAdam(), RAdam(), Lion(),
    ]
    for each in optimizers {
      var optimizer = each
      optimizer.learningRate = 0.01
      var parameters = [Tensor([1, 1])]
      optimizer.update(&parameters, along: [Tensor([Float(size), 0.5])])
      for _ in 0..<10 { optimizer.update(&parameters, along: [Tensor([1, 0.5])]) }
      let (before, count) = ([Float](parameters[0]), optimizer.stepCount)
      optimizer.learningRate = 1e18
      optimizer.update(&parameters, along: [Tensor([1, 0.5])])
      let after = [Float](parameters[0])
      // However small a step is by then, at a rate that is large enough it moves each parameter.
      let moved = zip(before, after).allSatisfy { $0.isFinite && $1.isFinite && $0 != $1 }
      let name = "\(type(of: optimizer))"
      #expect(moved && count == 11, "\(name)")
    }
  }

  @Test func groupsHaveSettingsOfTheirOwn() {
    var model = TwoParameters(w: Tensor([[1, 2]]), b: Tensor([3, 4]))
    var optimizer = ParameterGroups(of: model, SGD(learningRate: 0.5, weightDecay: 0.5)) {
      path, parameter, own in
      if parameter.rank < 2 { own.weightDecay = 0 }
      if path == "b" { own.learningRate = 0.25 }
    }
    #expect(optimizer.paths == [["w"], ["b"]])
    let gradient = TwoParameters(w: Tensor([[1, 1]]), b: Tensor([1, 1]))
    optimizer.update(&model, along: gradient)
    #expect([Float](model.w) == [1 - 0.5 * 1.5, 2 - 0.5 * 2] && [Float](model.b) == [2.75, 3.75])
    // A schedule moves both.
    optimizer.learningRate = 0.25
    #expect(optimizer.optimizers.map(\.learningRate) == [0.25, 0.125] && optimizer.stepCount == 1)
  }

  @Test("Lion steps by signs")
  func lion() {
    var optimizer = Lion(learningRate: 0.5, betas: (0.5, 0.25), weightDecay: 0.1)
    var parameters = [Tensor([1, -2, 3] as [Double])]
    optimizer.update(&parameters, along: [Tensor([0.1, -7, 0] as [Double])])
    // (1 − 0.05)·p − 0.5·sign(g)
    #expect([Double](parameters[0]) == [0.95 - 0.5, -1.9 + 0.5, 3 * 0.95])
    // The mean is ¾·g; half of it and half of the next gradient have the sign of −0.0125, 0.375 and 1.
    optimizer.update(&parameters, along: [Tensor([-0.1, 6, 2] as [Double])])
    let want = [0.45 * 0.95 + 0.5, -1.4 * 0.95 - 0.5, 2.85 * 0.95 - 0.5]
    #expect(zip([Double](parameters[0]), want).allSatisfy { abs($0 - $1) < 1e-15 })
  }
}

@Suite("A small network trained as PyTorch trains it")
struct TrajectoryTests {
  private struct Network: Module {
    var (first, second, third): (Linear, Linear, Linear)
    var (norm1, norm2): (BatchNorm, BatchNorm)

    init(_ fixture: Fixture) throws {
      var generator = Philox(seed: 0)
      func linear(_ number: Int) throws -> Linear {
        var linear = Linear(1, 1, using: &generator)
        linear.weight = try fixture("w\(number)_init")
        linear.bias = try fixture("b\(number)_init")
        return linear
      }
      func norm(_ number: Int) throws -> BatchNorm {
        var norm = BatchNorm(try fixture("g\(number)_init").count, dtype: .float64)
        norm.scale = try fixture("g\(number)_init")
        norm.shift = try fixture("be\(number)_init")
        return norm
      }
      (first, second, third) = (try linear(1), try linear(2), try linear(3))
      (norm1, norm2) = (try norm(1), try norm(2))
    }

    mutating func visit(_ visitor: inout Visitor) {
      visitor.child("first", &first)
      visitor.child("norm1", &norm1)
      visitor.child("second", &second)
      visitor.child("norm2", &norm2)
      visitor.child("third", &third)
    }

    mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
      let h1 = norm1(first(x, mode), mode).tanh()
      let h2 = norm2(second(h1, mode), mode).tanh()
      return third(h2, mode)
    }
  }

  @Test("Loss, parameters, statistics", arguments: Fixture.oracle("training_trajectory"))
  func trajectory(_ fixture: Fixture) throws {
    var model = try Network(fixture)
    var optimizer = SGD(learningRate: fixture.parameters["lr"]!.number!)
    let (batches, targets) = (try fixture("x_batches"), try fixture("target_batches"))
    let losses = [Double](try fixture("losses"))
    // Ten steps of a network with two batch norms amplify rounding by far less than a thousand.
    let mark = 1e-12
    for step in losses.indices {
      let (loss, gradient) = valueAndGradient(of: &model) { model in
        softmaxCrossEntropy(model(batches[step], .training), targets[step])
      }
      #expect(abs(Double(loss) - losses[step]) < mark, "loss at step \(step)")
      if step == 0 {
        #expect(relativeError(gradient.first.weight, try fixture("dw1_step1")) < mark)
        #expect(relativeError(gradient.norm1.scale!, try fixture("dg1_step1")) < mark)
        #expect(relativeError(gradient.norm2.shift!, try fixture("dbe2_step1")) < mark)
        #expect(relativeError(gradient.third.bias!, try fixture("db3_step1")) < mark)
      }
      optimizer.update(&model, along: gradient)
      #expect(relativeError(model.norm1.runningMean, try fixture("rm1_steps")[step]) < mark)
      #expect(relativeError(model.norm2.runningVariance, try fixture("rv2_steps")[step]) < mark)
    }
    #expect(relativeError(model.first.weight, try fixture("w1_final")) < mark)
    #expect(relativeError(model.norm2.scale!, try fixture("g2_final")) < mark)
    #expect(relativeError(model.third.bias!, try fixture("b3_final")) < mark)
    var copy = model
    let logits = copy(batches[0], .inference)
    #expect(relativeError(logits, try fixture("logits_eval_on_batch0")) < mark)
  }

  @Test("What rounds to 0 in float32 counts as 0, and not as missing")
  func coefficientsThatRoundToZero() {
    let (start, gradient) = (Tensor([1, -2, 4]), Tensor([0.5, 0.25, -1]))
    var descent = SGD(learningRate: 0.5, momentum: 1e-46, weightDecay: 1e-46)
    var adam = Adam(learningRate: 0.5, weightDecay: 1e-46)
    var plainAdam = Adam(learningRate: 0.5)
    var (parameters, adams, plainAdams) = ([start], [start], [start])
    for step in 1...2 {
      descent.update(&parameters, along: [gradient])
      adam.update(&adams, along: [gradient])
      plainAdam.update(&plainAdams, along: [gradient])
      // v ← 0·v + g, p ← p − η·v, in numbers that float32 holds.
      #expect(descent.velocities == [gradient])
      #expect(parameters == [start - gradient * (0.5 * Double(step))])
      #expect(adams == plainAdams)
    }
  }

  @Test("The kernels in C take the steps of the formulas")
  func kernels() {
    var generator = Philox(seed: 8)
    let shapes = [[3, 5], [40_000], [1], [17]]
    func normals() -> [Tensor] { shapes.map { .normal($0, using: &generator) } }
    let (start, gradients) = (normals(), [normals(), normals(), normals()])
    let optimizers: [any Optimizer] = [
      SGD(learningRate: 0.1), SGD(learningRate: 0.1, momentum: 0.9, weightDecay: 0.01),
      SGD(learningRate: 0.1, momentum: 0.9, dampening: 0.2),
      SGD(learningRate: 0.1, momentum: 0.9, nesterov: true), Adam(), Adam(weightDecay: 0.1),
      Adam.w(),
    ]
    for optimizer in optimizers {
      var (single, double) = (optimizer, optimizer)
      var (parameters, exact) = (start, start.map { $0.cast(to: .float64) })
      for step in gradients {
        single.update(&parameters, along: step)
        // In float64 the composition of ordinary operations runs.
        double.update(&exact, along: step.map { $0.cast(to: .float64) })
      }
      for (got, want) in zip(parameters, exact) {
        // Three steps of some ten roundings each, of numbers no larger than the largest parameter.
        #expect(relativeError(got, want) <= 32 * Double(Float.ulpOfOne))
      }
    }
  }

  /// Three gradients g = ε: each step is η·g/(g + ε) = η/2. The squares, 10⁻³⁶, lose nothing that shows.
  @Test("The smallest ε holds steps back in float32")
  func smallGradients() {
    let optimizers: [any Optimizer] = [
      Adam(epsilon: 1e-18), AMSGrad(epsilon: 1e-18), NAdam(epsilon: 1e-18),
    ]
    for each in optimizers {
      for (gradient, share) in [(1e-18, 0.5), (1e-21, 1e-3), (1e-24, 1e-6)] {
        var (single, double) = (each, each)
        var parameters = [Tensor([0])]
        var exact = [Tensor([0] as [Double])]
        for _ in 0..<3 {
          single.update(&parameters, along: [Tensor([Float(gradient)])])
          double.update(&exact, along: [Tensor([gradient])])
        }
        let (got, want) = (Double(parameters[0][0]), Double(exact[0][0]))
        let name = "\(type(of: each)) along \(gradient)"
        #expect(abs(got / want - 1) < 0.01, "\(name): \(got), \(want)")
        if each is Adam { #expect(abs(want / (-3e-3 * share) - 1) < 2e-3, "\(name): \(want)") }
      }
    }
  }
}
