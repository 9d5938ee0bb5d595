import Adjoint

/// Lion: steps of one size, in the direction of the sign of a mean.
///
///     p ← (1 − η·λ)·p − η·sign(β₁·m + (1 − β₁)·g)        m ← β₂·m + (1 − β₂)·g
///
/// The learning rate is best 3 to 10 times smaller than Adam's, and the weight decay as many times larger.
///
/// Source: Chen et al., "Symbolic discovery of optimization algorithms" (2023), algorithm 2.
public struct Lion: Optimizer {
  /// η.
  public var learningRate: Double
  /// β₁ and β₂: the share of the mean in the direction, and that which is kept.
  public var betas: (Double, Double)
  /// λ.
  public var weightDecay: Double
  public private(set) var stepCount = 0
  /// m, for each parameter.
  public private(set) var means: [Tensor] = []

  /// Makes an optimizer.
  public init(
    learningRate: Double = 1e-4, betas: (Double, Double) = (0.9, 0.99), weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.betas = betas
    self.weightDecay = weightDecay
  }

  public mutating func update(_ parameters: inout [Tensor], along gradients: [Tensor]) {
    requireTypes(of: parameters, gradients, means, name: "Lion")
    requireFactor(learningRate, for: parameters, "Lion: the learning rate")
    requireShare(betas.0, "Lion: β₁")
    requireShare(betas.1, "Lion: β₂")
    requireFactor(weightDecay, for: parameters, "Lion: the weight decay")
    stepCount += 1
    var state = [means]
    forEach(&parameters, along: gradients, state: &state) { parameter, gradient, own in
      let direction = Tensor.average(own[0], gradient, keeping: betas.0).sign()
      if weightDecay != 0 { parameter = parameter * (1 - learningRate * weightDecay) }
      parameter -= direction * learningRate
      own[0] = .average(own[0], gradient, keeping: betas.1)
    }
    means = state[0]
  }

  public mutating func visit(_ visitor: inout OptimizerVisitor) {
    visitor.factor("learningRate", &learningRate)
    visitor.number("beta1", &betas.0, within: .shares)
    visitor.number("beta2", &betas.1, within: .shares)
    visitor.factor("weightDecay", &weightDecay)
    visitor.count("stepCount", &stepCount)
    visitor.perParameter("means", &means)
  }
}
