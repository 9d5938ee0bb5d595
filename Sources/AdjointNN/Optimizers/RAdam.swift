import Adjoint

/// RAdam: Adam without the division while too few steps have been taken to know the mean square.
///
///     m ← β₁·m + (1 − β₁)·g        v ← β₂·v + (1 − β₂)·g²        m̂ = m/(1 − β₁ᵗ)
///     ρₜ = ρ − 2·t·β₂ᵗ/(1 − β₂ᵗ), with ρ = 2/(1 − β₂) − 1 at step t
///     p ← p − η·m̂·r·√(1 − β₂ᵗ)/(√v + ε) where ρₜ > 5, with r = √((ρₜ − 4)(ρₜ − 2)ρ/((ρ − 4)(ρ − 2)ρₜ))
///     p ← p − η·m̂ before
///
/// Weight decay λ adds λ·p to the gradient, or, decoupled, takes η·λ·p off the parameter before the step. PyTorch's
/// conventions.
///
/// A finite g beyond 2⁵³ in float32, or 2⁵⁰⁰ in float64, counts as that, since its square would overflow.
///
/// Source: Liu, Jiang, He, Chen, Liu, Gao & Han, "On the variance of the adaptive learning rate and beyond" (2020),
/// algorithm 2.
public struct RAdam: AdamFamily {
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
    requireTypes(of: parameters, gradients, means, squares, name: "RAdam")
    requireAdamCoefficients(
      learningRate, betas, epsilon, weightDecay, for: parameters, "RAdam")
    stepCount += 1
    let rectification = rectification
    var state = [means, squares]
    forEach(&parameters, along: gradients, state: &state) { parameter, gradient, own in
      advance(&own, &parameter, gradient)
      var step = own[0] / bias(of: betas.0)
      if let rectification {
        step =
          step * (rectification * bias(of: betas.1).squareRoot())
          / (own[1].squareRoot() + epsilon)
      }
      parameter -= step * learningRate
    }
    (means, squares) = (state[0], state[1])
  }

  /// r; nil while the mean square is not known.
  private var rectification: Double? {
    let (all, step) = (2 / (1 - betas.1) - 1, Double(stepCount))
    let known = all - 2 * step * (1 - bias(of: betas.1)) / bias(of: betas.1)
    guard known > 5 else { return nil }
    return ((known - 4) * (known - 2) * all / ((all - 4) * (all - 2) * known)).squareRoot()
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
  }
}
