import Adjoint
import AdjointFixtures
import AdjointNN

extension Fixture {
  /// The running statistics of batch norm after each of three steps, averaged in both conventions.
  func runningStatistics(_ dtype: DType) throws -> [Comparison] {
    let channels = try self("running_mean0").count
    let averaging: BatchNorm.Averaging =
      parameters["momentum"]?.number.map { .exponential(weightOfNew: $0) } ?? .cumulative
    return try [
      (BatchNorm.VarianceEstimate.unbiased, "running_var_steps_unbiased"),
      (.population, "running_var_steps_biased"),
    ].flatMap { estimate, name -> [Comparison] in
      guard has(name), has("running_mean_steps") else { return [] }
      var norm = BatchNorm(
        channels, epsilon: parameters["eps"]?.number ?? 0, averaging: averaging,
        varianceEstimate: estimate, dtype: dtype)
      norm.runningMean = try self("running_mean0").cast(to: dtype)
      norm.runningVariance = try self("running_var0").cast(to: dtype)
      var (means, variances) = ([Tensor](), [Tensor]())
      for batch in ["x", "x_step2", "x_step3"] {
        _ = norm(try self(batch).cast(to: dtype), .training)
        means.append(norm.runningMean)
        variances.append(norm.runningVariance)
      }
      return [
        try comparison(.stacked(means), "running_mean_steps"),
        try comparison(.stacked(variances), name),
      ]
    }
  }

  /// The steps of a small network with two batch norms.
  func training(_ dtype: DType) throws -> [Comparison] {
    var model = try SmallNetwork(self, dtype)
    var optimizer = SGD(
      learningRate: parameters["lr"]?.number ?? 0, momentum: parameters["momentum"]?.number ?? 0)
    let (batches, targets) = (try self("x_batches").cast(to: dtype), try self("target_batches"))
    var results: [(Tensor, String)] = []
    var (losses, means, variances) = ([Tensor](), [Tensor](), [Tensor]())
    for step in 0..<batches.shape[0] {
      let (loss, gradient) = valueAndGradient(of: &model) { model in
        softmaxCrossEntropy(model(batches[step], .training), targets[step])
      }
      losses.append(loss.detached)
      if step == 0 {
        results += [
          (gradient.first.weight, "dw1_step1"), (gradient.second.weight, "dw2_step1"),
          (gradient.third.weight, "dw3_step1"),
        ]
        if let bias = gradient.third.bias { results.append((bias, "db3_step1")) }
      }
      optimizer.update(&model, along: gradient)
      means.append(model.norm1.runningMean)
      variances.append(model.norm2.runningVariance)
    }
    results += [
      (.stacked(losses), "losses"), (.stacked(means), "rm1_steps"),
      (.stacked(variances), "rv2_steps"), (model.first.weight, "w1_final"),
      (model.second.weight, "w2_final"), (model.third.weight, "w3_final"),
      (model.predict(batches[0]), "logits_eval_on_batch0"),
    ]
    // Ten steps of a network with two batch norms amplify rounding by less than a hundred.
    return try results.filter { has($0.1) }.map {
      let comparison = try comparison($0.0, $0.1)
      return Comparison(
        array: comparison.array, error: comparison.error, mark: 100 * comparison.mark)
    }
  }
}

/// affine, BN, activation, affine, BN, activation, affine.
private struct SmallNetwork: Layer {
  var (first, second, third): (Linear, Linear, Linear)
  var (norm1, norm2): (BatchNorm, BatchNorm)
  let activation: @Sendable (Tensor) -> Tensor

  init(_ fixture: Fixture, _ dtype: DType) throws {
    var generator = Philox(seed: 0)
    func linear(_ number: Int) throws -> Linear {
      var linear = Linear(1, 1, using: &generator)
      linear.weight = try fixture("w\(number)_init").cast(to: dtype)
      linear.bias = try fixture("b\(number)_init").cast(to: dtype)
      return linear
    }
    let epsilon = fixture.parameters["bn_eps"]?.number ?? 1e-5
    let weight = fixture.parameters["bn_momentum"]?.number ?? 0.1
    let isUnbiased = fixture.parameters["running_var"]?.text == "unbiased"
    func norm(_ number: Int) throws -> BatchNorm {
      let scale = try fixture("g\(number)_init").cast(to: dtype)
      var norm = BatchNorm(
        scale.count, epsilon: epsilon, averaging: .exponential(weightOfNew: weight),
        varianceEstimate: isUnbiased ? .unbiased : .population, dtype: dtype)
      norm.scale = scale
      norm.shift = try fixture("be\(number)_init").cast(to: dtype)
      return norm
    }
    let name = fixture.parameters["activation"]?.text?.lowercased() ?? ""
    guard let activation = Fixture.elementwise[name] else { throw Unsupported(name) }
    self.activation = activation
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
    let h1 = activation(norm1(first(x, mode), mode))
    let h2 = activation(norm2(second(h1, mode), mode))
    return third(h2, mode)
  }
}
