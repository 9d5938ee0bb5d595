import Adjoint

/// NAdam: Adam with Nesterov's momentum.
///
///     m ← β₁·m + (1 − β₁)·g        v ← β₂·v + (1 − β₂)·g²        μₜ = β₁·(1 − 0.96^(t·ψ)/2)
///     p ← p − η·((1 − μₜ)·g/(1 − Πμ) + μₜ₊₁·m/(1 − Πμ·μₜ₊₁))/(√v̂ + ε), with v̂ = v/(1 − β₂ᵗ) at step t
///
/// Πμ is the product of all μ so far. Weight decay λ adds λ·p to the gradient, or, decoupled, takes η·λ·p off the
/// parameter before the step. PyTorch's conventions.
///
/// A finite g beyond 2⁵³ in float32, or 2⁵⁰⁰ in float64, counts as that, since its square would overflow.
///
/// Source: Dozat, "Incorporating Nesterov momentum into Adam" (2016), algorithm 2.
public struct NAdam: AdamFamily {
  /// η.
  public var learningRate: Double
  /// β₁ and β₂, the shares of the averages that are kept.
  public var betas: (Double, Double)
  /// ε, added to the root: 1e-18 or more for parameters in float32, 1e-150 in float64, of whose gradients smaller
  /// squares vanish.
  public var epsilon: Double
  /// λ.
  public var weightDecay: Double
  /// ψ, by which the momentum grows from β₁/2 to β₁.
  public var momentumDecay: Double
  /// Whether weight decay acts on the parameter itself.
  public var decouplesWeightDecay: Bool
  public private(set) var stepCount = 0
  /// Πμ.
  public private(set) var momentumProduct = 1.0
  /// m, for each parameter.
  public private(set) var means: [Tensor] = []
  /// v, for each parameter.
  public private(set) var squares: [Tensor] = []

  /// Makes an optimizer.
  public init(
    learningRate: Double = 2e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 0, momentumDecay: Double = 4e-3, decouplesWeightDecay: Bool = false
  ) {
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.momentumDecay = momentumDecay
    self.decouplesWeightDecay = decouplesWeightDecay
  }

  public mutating func update(_ parameters: inout [Tensor], along gradients: [Tensor]) {
    requireTypes(of: parameters, gradients, means, squares, name: "NAdam")
    requireAdamCoefficients(
      learningRate, betas, epsilon, weightDecay, for: parameters, "NAdam")
    requireWithin(momentumDecay, 0, .greatestFiniteMagnitude, "NAdam: the decay of the momentum")
    stepCount += 1
    func momentum(_ step: Int) -> Double {
      betas.0 * (1 - 0.5 * Double.exp(Double(step) * momentumDecay * Double.log(0.96)))
    }
    let (now, next) = (momentum(stepCount), momentum(stepCount + 1))
    momentumProduct *= now
    let factors = (
      learningRate * (1 - now) / (1 - momentumProduct),
      learningRate * next / (1 - momentumProduct * next)
    )
    var state = [means, squares]
    forEach(&parameters, along: gradients, state: &state) { parameter, gradient, own in
      let gradient = advance(&own, &parameter, gradient)
      let root = (own[1] / bias(of: betas.1)).squareRoot() + epsilon
      parameter -= gradient / root * factors.0 + own[0] / root * factors.1
    }
    (means, squares) = (state[0], state[1])
  }

  public mutating func visit(_ visitor: inout OptimizerVisitor) {
    visitor.factor("learningRate", &learningRate)
    visitor.number("beta1", &betas.0, within: .shares)
    visitor.number("beta2", &betas.1, within: .shares)
    visitor.divisor("epsilon", &epsilon)
    visitor.factor("weightDecay", &weightDecay)
    visitor.number("momentumDecay", &momentumDecay, within: .positive)
    visitor.number("momentumProduct", &momentumProduct, within: 0...1)
    visitor.flag("decouplesWeightDecay", &decouplesWeightDecay)
    visitor.count("stepCount", &stepCount)
    visitor.perParameter("means", &means)
    visitor.perParameter("squares", &squares, within: .squares)
  }
}
