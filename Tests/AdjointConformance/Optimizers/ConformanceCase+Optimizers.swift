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
private let optimizers: [String: @Sendable (Fixture) throws -> any Optimizer] = [
  "SGD": {
    SGD(
      learningRate: $0.number("lr"), momentum: $0.number("momentum"),
      dampening: $0.number("dampening"), weightDecay: $0.number("weight_decay"),
      nesterov: $0.parameters["nesterov"]?.isSet ?? false)
  },
  "Adam": { try adam($0, decouplesWeightDecay: false) },
  "AdamW": { try adam($0, decouplesWeightDecay: true) },
]

private func adam(_ fixture: Fixture, decouplesWeightDecay: Bool) throws -> Adam {
  if fixture.parameters["amsgrad"]?.isSet == true { throw Unsupported("AMSGrad") }
  let betas = fixture.parameters["betas"]?.list ?? [0.9, 0.999]
  return Adam(
    learningRate: fixture.number("lr"), betas: (betas[0], betas[1]),
    epsilon: fixture.number("eps"), weightDecay: fixture.number("weight_decay"),
    decouplesWeightDecay: decouplesWeightDecay)
}

extension Fixture {
  fileprivate func number(_ name: String) -> Double { parameters[name]?.number ?? 0 }

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
    // Each of 50 steps rounds a few operations.
    let mark = dtype == .float64 ? 1e-13 : 200 * Double(Float.ulpOfOne)
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
