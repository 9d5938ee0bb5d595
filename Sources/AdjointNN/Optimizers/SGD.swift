import Adjoint

/// Stochastic gradient descent, with momentum and weight decay if wanted.
///
///     g ← ∂loss/∂p + λ·p
///     v ← μ·v + (1 − d)·g, starting as g
///     p ← p − η·v, or p − η·(g + μ·v) with Nesterov's momentum
///
/// A parameter that a step does not use has the gradient 0, and is moved on by its velocity and by
/// weight decay.
///
/// η is the learning rate, λ the weight decay, μ the momentum, d the dampening: PyTorch's
/// conventions.
///
/// Source: Sutskever, Martens, Dahl & Hinton, "On the importance of initialization and momentum in
/// deep learning" (2013).
public struct SGD: Optimizer {
  /// η.
  public var learningRate: Double
  /// μ, the share of the velocity that is kept.
  public var momentum: Double
  /// d, by how much less the gradient counts in the velocity.
  public var dampening: Double
  /// λ, the factor of the parameter that is added to its gradient.
  public var weightDecay: Double
  /// Whether the gradient is taken where the velocity leads to.
  public var isNesterov: Bool
  public private(set) var stepCount = 0
  /// v, for each parameter.
  public private(set) var velocities: [Tensor] = []

  /// Makes an optimizer.
  /// - Precondition: Nesterov's momentum needs a momentum and no dampening.
  public init(
    learningRate: Double, momentum: Double = 0, dampening: Double = 0, weightDecay: Double = 0,
    nesterov: Bool = false
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    isNesterov = nesterov
    requireMomentum()
  }

  private func requireMomentum() {
    require(
      !isNesterov || momentum > 0 && dampening == 0,
      "SGD: Nesterov's momentum is defined for a positive momentum without dampening; "
        + "got \(momentum) and \(dampening)")
  }

  public mutating func update(_ parameters: inout [Tensor], along gradients: [Tensor]) {
    requireTypes(of: parameters, gradients, velocities, name: "SGD")
    requireFactor(learningRate, for: parameters, "SGD: the learning rate")
    requireWithin(momentum, 0, 1, "SGD: the momentum")
    requireWithin(dampening, 0, 1, "SGD: the dampening")
    requireFactor(weightDecay, for: parameters, "SGD: the weight decay")
    requireMomentum()
    stepCount += 1
    takeGradientDescentStep(
      &parameters, along: gradients, velocities: &velocities, learningRate: learningRate,
      momentum: momentum, dampening: dampening, weightDecay: weightDecay, nesterov: isNesterov)
  }

  public mutating func visit(_ visitor: inout OptimizerVisitor) {
    visitor.factor("learningRate", &learningRate)
    visitor.number("momentum", &momentum, within: 0...1)
    visitor.number("dampening", &dampening, within: 0...1)
    visitor.factor("weightDecay", &weightDecay)
    visitor.flag("isNesterov", &isNesterov, canBeTrue: momentum > 0 && dampening == 0)
    visitor.count("stepCount", &stepCount)
    visitor.perParameter("velocities", &velocities)
  }
}
