import Adjoint

/// Adadelta: steps of the size of those before, in the units of the parameter.
///
///     v ← ρ·v + (1 − ρ)·g²        d = √(u + ε)/√(v + ε)·g        u ← ρ·u + (1 − ρ)·d²        p ← p − η·d
///
/// Weight decay λ adds λ·p to the gradient.
///
/// A finite g beyond 2⁵³ in float32, or 2⁵⁰⁰ in float64, counts as that, since its square would overflow.
///
/// Source: Zeiler, "ADADELTA: an adaptive learning rate method" (2012), algorithm 1.
public struct Adadelta: Optimizer {
  /// η.
  public var learningRate: Double
  /// ρ, the share of the mean squares that is kept.
  public var decay: Double
  /// ε, added under the roots.
  public var epsilon: Double
  /// λ.
  public var weightDecay: Double
  public private(set) var stepCount = 0
  /// v, for each parameter.
  public private(set) var squares: [Tensor] = []
  /// u, for each parameter.
  public private(set) var steps: [Tensor] = []

  /// Makes an optimizer.
  public init(
    learningRate: Double = 1, decay: Double = 0.9, epsilon: Double = 1e-6, weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.decay = decay
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public mutating func update(_ parameters: inout [Tensor], along gradients: [Tensor]) {
    requireTypes(of: parameters, gradients, squares, steps, name: "Adadelta")
    requireFactor(learningRate, for: parameters, "Adadelta: the learning rate")
    requireShare(decay, "Adadelta: ρ")
    requireDivisor(epsilon, for: parameters, "Adadelta: ε")
    requireFactor(weightDecay, for: parameters, "Adadelta: the weight decay")
    stepCount += 1
    var state = [squares, steps]
    forEach(&parameters, along: gradients, state: &state) { parameter, gradient, own in
      let gradient = gradient.decayed(parameter, weightDecay).squarable
      own[0] = .average(own[0], gradient.squared(), keeping: decay)
      let step = (own[1] + epsilon).squareRoot() / (own[0] + epsilon).squareRoot() * gradient
      own[1] = .average(own[1], step.squared(), keeping: decay)
      parameter -= step * learningRate
    }
    (squares, steps) = (state[0], state[1])
  }

  public mutating func visit(_ visitor: inout OptimizerVisitor) {
    visitor.factor("learningRate", &learningRate)
    visitor.number("decay", &decay, within: .shares)
    visitor.divisor("epsilon", &epsilon)
    visitor.factor("weightDecay", &weightDecay)
    visitor.count("stepCount", &stepCount)
    visitor.perParameter("squares", &squares, within: .squares)
    visitor.perParameter("steps", &steps, within: .squares)
  }
}
