import Adjoint

/// Adamax: Adam with the largest recent gradient in place of the root of the mean square.
///
///     m ← β₁·m + (1 − β₁)·g        u ← max(β₂·u, |g| + ε)        p ← p − η/(1 − β₁ᵗ)·m/u at step t
///
/// Weight decay λ adds λ·p to the gradient. PyTorch's conventions: ε is within the maximum.
///
/// Source: Kingma & Ba, "Adam: a method for stochastic optimization" (2015), algorithm 2.
public struct Adamax: Optimizer {
  /// η.
  public var learningRate: Double
  /// β₁ and β₂, the shares of the averages that are kept.
  public var betas: (Double, Double)
  /// ε, added to the magnitude.
  public var epsilon: Double
  /// λ.
  public var weightDecay: Double
  public private(set) var stepCount = 0
  /// m, for each parameter.
  public private(set) var means: [Tensor] = []
  /// u, for each parameter.
  public private(set) var largest: [Tensor] = []

  /// Makes an optimizer.
  public init(
    learningRate: Double = 2e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public mutating func update(_ parameters: inout [Tensor], along gradients: [Tensor]) {
    requireTypes(of: parameters, gradients, means, largest, name: "Adamax")
    requireAdamCoefficients(
      learningRate, betas, epsilon, weightDecay, for: parameters, "Adamax", besideRoots: false)
    stepCount += 1
    var state = [means, largest]
    forEach(&parameters, along: gradients, state: &state) { parameter, gradient, own in
      let gradient = gradient.decayed(parameter, weightDecay)
      own[0] = .average(own[0], gradient, keeping: betas.0)
      own[1] = .maximum(own[1] * betas.1, gradient.magnitude() + epsilon)
      parameter -= own[0] / own[1] * (learningRate / bias(of: betas.0))
    }
    (means, largest) = (state[0], state[1])
  }

  public mutating func visit(_ visitor: inout OptimizerVisitor) {
    visitor.factor("learningRate", &learningRate)
    visitor.number("beta1", &betas.0, within: .shares)
    visitor.number("beta2", &betas.1, within: .shares)
    visitor.divisor("epsilon", &epsilon)
    visitor.factor("weightDecay", &weightDecay)
    visitor.count("stepCount", &stepCount)
    visitor.perParameter("means", &means)
    visitor.perParameter("largest", &largest, within: .squares)
  }
}
