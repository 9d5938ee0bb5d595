import Adjoint

/// RMSprop: the gradient divided by the root of the running mean of its square.
///
///     v ← α·v + (1 − α)·g²        d = √v + ε, or √(v − m²) + ε centred, with m ← α·m + (1 − α)·g
///     p ← p − η·g/d, or with momentum b ← μ·b + g/d, p ← p − η·b
///
/// Weight decay λ adds λ·p to the gradient. PyTorch's conventions: ε is outside the root, v starts as 0 and is not
/// corrected for that.
///
/// A finite g beyond 2⁵³ in float32, or 2⁵⁰⁰ in float64, counts as that, since its square would overflow.
///
/// Source: Tieleman & Hinton, "Lecture 6.5: RMSProp" (2012); centred: Graves, "Generating sequences with recurrent
/// neural networks" (2013), equations 38 to 45.
public struct RMSprop: Optimizer {
  /// η.
  public var learningRate: Double
  /// α, the share of the mean square that is kept.
  public var decay: Double
  /// ε, added to the root: 1e-18 or more for parameters in float32, 1e-150 in float64, of whose gradients smaller
  /// squares vanish.
  public var epsilon: Double
  /// λ.
  public var weightDecay: Double
  /// μ, the share of the velocity that is kept.
  public var momentum: Double
  /// Whether the square of the mean is taken off the mean square.
  public var isCentred: Bool
  public private(set) var stepCount = 0
  /// v, for each parameter.
  public private(set) var squares: [Tensor] = []
  /// m, for each parameter, if centred.
  public private(set) var means: [Tensor] = []
  /// b, for each parameter, if there is a momentum.
  public private(set) var velocities: [Tensor] = []

  /// Makes an optimizer.
  public init(
    learningRate: Double = 1e-2, decay: Double = 0.99, epsilon: Double = 1e-8,
    weightDecay: Double = 0, momentum: Double = 0, isCentred: Bool = false
  ) {
    self.learningRate = learningRate
    self.decay = decay
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.isCentred = isCentred
  }

  public mutating func update(_ parameters: inout [Tensor], along gradients: [Tensor]) {
    for kept in [squares, means, velocities] {
      requireTypes(of: parameters, gradients, kept, name: "RMSprop")
    }
    requireFactor(learningRate, for: parameters, "RMSprop: the learning rate")
    requireShare(decay, "RMSprop: α")
    requireDivisorBesideRoots(epsilon, for: parameters, "RMSprop: ε")
    requireFactor(weightDecay, for: parameters, "RMSprop: the weight decay")
    requireWithin(momentum, 0, 1, "RMSprop: the momentum")
    stepCount += 1
    var state = [squares] + (isCentred ? [means] : []) + (momentum != 0 ? [velocities] : [])
    forEach(&parameters, along: gradients, state: &state) { parameter, gradient, own in
      let gradient = gradient.decayed(parameter, weightDecay).squarable
      own[0] = .average(own[0], gradient.squared(), keeping: decay)
      var variance = own[0]
      if isCentred {
        own[1] = .average(own[1], gradient, keeping: decay)
        // Rounding may leave less than nothing.
        variance = .maximum(variance - own[1].squared(), 0)
      }
      var step = gradient / (variance.squareRoot() + epsilon)
      if momentum != 0 {
        step = own[own.count - 1] * momentum + step
        own[own.count - 1] = step
      }
      parameter -= step * learningRate
    }
    squares = state[0]
    if isCentred { means = state[1] }
    if momentum != 0 { velocities = state[state.count - 1] }
  }

  public mutating func visit(_ visitor: inout OptimizerVisitor) {
    visitor.factor("learningRate", &learningRate)
    visitor.number("decay", &decay, within: .shares)
    visitor.divisor("epsilon", &epsilon)
    visitor.factor("weightDecay", &weightDecay)
    visitor.number("momentum", &momentum, within: 0...1)
    visitor.flag("isCentred", &isCentred)
    visitor.count("stepCount", &stepCount)
    visitor.perParameter("squares", &squares, within: .squares)
    visitor.perParameter("means", &means)
    visitor.perParameter("velocities", &velocities)
  }
}
