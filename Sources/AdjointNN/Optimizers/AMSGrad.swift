import Adjoint

/// AMSGrad: Adam with the largest mean square so far, so that no step grows when gradients shrink.
///
///     m ← β₁·m + (1 − β₁)·g        v ← β₂·v + (1 − β₂)·g²        u ← max(u, v)
///     p ← p − η·m̂/(√(u/(1 − β₂ᵗ)) + ε), with m̂ = m/(1 − β₁ᵗ) at step t
///
/// Weight decay λ adds λ·p to the gradient, or, decoupled, takes η·λ·p off the parameter before the step. PyTorch's
/// conventions: `Adam(amsgrad=True)`.
///
/// A finite g beyond 2⁵³ in float32, or 2⁵⁰⁰ in float64, counts as that, since its square would overflow.
///
/// Source: Reddi, Kale & Kumar, "On the convergence of Adam and beyond" (2018), algorithm 2.
public struct AMSGrad: AdamFamily {
  /// η.
  public var learningRate: Double
  /// β₁ and β₂, the shares of the averages that are kept.
  public var betas: (Double, Double)
  /// ε, added to the root: 1e-18 or more for parameters in float32, 1e-150 in float64, of whose gradients smaller
  /// squares vanish.
  public var epsilon: Double
  /// λ.
  public var weightDecay: Double
  /// Whether weight decay acts on the parameter itself.
  public var decouplesWeightDecay: Bool
  public private(set) var stepCount = 0
  /// m, for each parameter.
  public private(set) var means: [Tensor] = []
  /// v, for each parameter.
  public private(set) var squares: [Tensor] = []
  /// u, for each parameter.
  public private(set) var largest: [Tensor] = []

  /// Makes an optimizer.
  public init(
    learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 0, decouplesWeightDecay: Bool = false
  ) {
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decouplesWeightDecay = decouplesWeightDecay
  }

  public mutating func update(_ parameters: inout [Tensor], along gradients: [Tensor]) {
    requireTypes(of: parameters, gradients, means, squares, largest, name: "AMSGrad")
    requireAdamCoefficients(
      learningRate, betas, epsilon, weightDecay, for: parameters, "AMSGrad")
    stepCount += 1
    var state = [means, squares, largest]
    forEach(&parameters, along: gradients, state: &state) { parameter, gradient, own in
      advance(&own, &parameter, gradient)
      own[2] = .maximum(own[2], own[1])
      let root = own[2].squareRoot() / bias(of: betas.1).squareRoot() + epsilon
      parameter -= own[0] / root * (learningRate / bias(of: betas.0))
    }
    (means, squares, largest) = (state[0], state[1], state[2])
  }

  public mutating func visit(_ visitor: inout OptimizerVisitor) {
    visitor.factor("learningRate", &learningRate)
    visitor.number("beta1", &betas.0, within: .shares)
    visitor.number("beta2", &betas.1, within: .shares)
    visitor.divisor("epsilon", &epsilon)
    visitor.factor("weightDecay", &weightDecay)
    visitor.flag("decouplesWeightDecay", &decouplesWeightDecay)
    visitor.count("stepCount", &stepCount)
    visitor.perParameter("means", &means)
    visitor.perParameter("squares", &squares, within: .squares)
    visitor.perParameter("largest", &largest, within: .squares)
  }
}
