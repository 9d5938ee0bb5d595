import Adjoint
import AdjointFixtures
import AdjointNN

extension ConformanceCase {
  /// The trajectory of an optimizer.
  init(trajectory fixture: Fixture, _ shared: Fixture) {
    let name = fixture.parameters["optimizer"]?.text ?? ""
    self.init("optim", fixture.name, name) { dtype in
      guard let optimizer = optimizers[name] else { throw Unsupported(name) }
      return try fixture.trajectory(of: optimizer(fixture), shared, dtype)
    }
  }
}

/// Each optimizer of PyTorch, with its hyperparameters.
private let optimizers: [String: @Sendable (Fixture) -> any Optimizer] = [
  "SGD": {
    SGD(
      learningRate: $0.rate, momentum: $0.number("momentum"), dampening: $0.number("dampening"),
      weightDecay: $0.decay, nesterov: $0.isSet("nesterov"))
  },
  "Adam": { adam($0, decouplesWeightDecay: $0.isSet("decoupled_weight_decay")) },
  "AdamW": { adam($0, decouplesWeightDecay: true) },
  "RMSprop": {
    RMSprop(
      learningRate: $0.rate, decay: $0.number("alpha", 0.99), epsilon: $0.epsilon,
      weightDecay: $0.decay, momentum: $0.number("momentum"), isCentred: $0.isSet("centered"))
  },
  "Adagrad": {
    Adagrad(
      learningRate: $0.rate, rateDecay: $0.number("lr_decay"), weightDecay: $0.decay,
      initialSum: $0.number("initial_accumulator_value"), epsilon: $0.number("eps", 1e-10))
  },
  "Adadelta": {
    Adadelta(
      learningRate: $0.rate, decay: $0.number("rho", 0.9), epsilon: $0.number("eps", 1e-6),
      weightDecay: $0.decay)
  },
  "Adamax": {
    Adamax(learningRate: $0.rate, betas: $0.betas, epsilon: $0.epsilon, weightDecay: $0.decay)
  },
  "NAdam": {
    NAdam(
      learningRate: $0.rate, betas: $0.betas, epsilon: $0.epsilon, weightDecay: $0.decay,
      momentumDecay: $0.number("momentum_decay", 4e-3),
      decouplesWeightDecay: $0.isSet("decoupled_weight_decay"))
  },
  "RAdam": {
    RAdam(
      learningRate: $0.rate, betas: $0.betas, epsilon: $0.epsilon, weightDecay: $0.decay,
      decouplesWeightDecay: $0.isSet("decoupled_weight_decay"))
  },
]

private func adam(_ fixture: Fixture, decouplesWeightDecay: Bool) -> any Optimizer {
  if fixture.isSet("amsgrad") {
    return AMSGrad(
      learningRate: fixture.rate, betas: fixture.betas, epsilon: fixture.epsilon,
      weightDecay: fixture.decay, decouplesWeightDecay: decouplesWeightDecay)
  }
  return Adam(
    learningRate: fixture.rate, betas: fixture.betas, epsilon: fixture.epsilon,
    weightDecay: fixture.decay, decouplesWeightDecay: decouplesWeightDecay)
}

extension Fixture {
  fileprivate func number(_ name: String, _ ownDefault: Double = 0) -> Double {
    parameters[name]?.number ?? ownDefault
  }

  fileprivate func isSet(_ name: String) -> Bool { parameters[name]?.isSet ?? false }

  fileprivate var rate: Double { number("lr") }
  fileprivate var decay: Double { number("weight_decay") }
  fileprivate var epsilon: Double { number("eps", 1e-8) }

  fileprivate var betas: (Double, Double) {
    let betas = parameters["betas"]?.list ?? [0.9, 0.999]
    return (betas[0], betas[1])
  }

  /// The parameters after each step, at the learning rates that the fixture has.
  fileprivate func trajectory(
    of optimizer: any Optimizer, _ shared: Fixture, _ dtype: DType
  ) throws -> [Comparison] {
    func array(_ fixture: Fixture, _ name: String) throws -> Tensor {
      try fixture(name).cast(to: dtype)
    }
    var optimizer = optimizer
    var model = TwoParameters(w: try array(shared, "w0"), b: try array(shared, "b0"))
    let (w, b) = (try array(shared, "grads_w"), try array(shared, "grads_b"))
    let sign = parameters["maximize"]?.isSet == true ? -1.0 : 1
    var (ws, bs) = ([Tensor](), [Tensor]())
    for (step, rate) in [Double](try self("lr_steps")).enumerated() {
      optimizer.learningRate = rate
      var gradient = TwoParameters(w: w[step] * sign, b: b[step] * sign)
      if kind == "quadratic" {
        gradient = valueAndGradient(of: &model) { $0.quadratic() * sign }.gradient
      }
      optimizer.update(&model, along: gradient)
      ws.append(model.w)
      bs.append(model.b)
    }
    // Each of 50 steps rounds a few operations; a mean square less the square of the mean cancels to a hundredth
    // in the first.
    let mark =
      (dtype == .float64 ? 1e-13 : 200 * Double(Float.ulpOfOne)) * (isSet("centered") ? 100 : 1)
    return [
      Comparison(array: "w", error: relativeError(.stacked(ws), try self("w_steps")), mark: mark),
      Comparison(array: "b", error: relativeError(.stacked(bs), try self("b_steps")), mark: mark),
    ]
  }
}

/// Two parameters, as in the fixtures.
private struct TwoParameters: Module {
  var w: Tensor
  var b: Tensor

  mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("w", &w)
    visitor.parameter("b", &b)
  }

  /// 0.5·Σ w·(A·w) + Σ c·(b − 1)², as the fixtures' README has it.
  func quadratic() -> Tensor {
    let a = Tensor([[2, 0.3, 0], [0.3, 1, 0.2], [0, 0.2, 5]] as [[Double]]).cast(to: w.dtype)
    let c = Tensor([1, 0.1, 10, 0.5], dtype: w.dtype)
    return (w * a.matMul(w)).sum() * 0.5 + (c * (b - 1).squared()).sum()
  }
}
