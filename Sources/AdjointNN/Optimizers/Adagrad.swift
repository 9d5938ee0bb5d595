import Adjoint

/// Adagrad: the gradient divided by the root of the sum of all its squares so far.
///
///     s ← s + g²        p ← p − η/(1 + (t − 1)·δ) · g/(√s + ε) at step t
///
/// Weight decay λ adds λ·p to the gradient. PyTorch's conventions: ε is outside the root.
///
/// A finite g beyond 2⁵³ in float32, or 2⁵⁰⁰ in float64, counts as that, since its square would overflow.
///
/// Source: Duchi, Hazan & Singer, "Adaptive subgradient methods for online learning and stochastic optimization"
/// (2011).
public struct Adagrad: Optimizer {
  /// η.
  public var learningRate: Double
  /// δ, by which the learning rate falls from step to step.
  public var rateDecay: Double
  /// λ.
  public var weightDecay: Double
  /// What s starts as.
  public var initialSum: Double
  /// ε, added to the root: 1e-18 or more for parameters in float32, 1e-150 in float64, of whose gradients smaller
  /// squares vanish.
  public var epsilon: Double
  public private(set) var stepCount = 0
  /// s, for each parameter.
  public private(set) var sums: [Tensor] = []

  /// Makes an optimizer.
  public init(
    learningRate: Double = 1e-2, rateDecay: Double = 0, weightDecay: Double = 0,
    initialSum: Double = 0, epsilon: Double = 1e-10
  ) {
    self.learningRate = learningRate
    self.rateDecay = rateDecay
    self.weightDecay = weightDecay
    self.initialSum = initialSum
    self.epsilon = epsilon
  }

  public mutating func update(_ parameters: inout [Tensor], along gradients: [Tensor]) {
    requireTypes(of: parameters, gradients, sums, name: "Adagrad")
    requireFactor(learningRate, for: parameters, "Adagrad: the learning rate")
    requireWithin(rateDecay, 0, .greatestFiniteMagnitude, "Adagrad: the decay of the learning rate")
    requireFactor(weightDecay, for: parameters, "Adagrad: the weight decay")
    requireFactor(initialSum, for: parameters, "Adagrad: the initial sum")
    requireDivisorBesideRoots(epsilon, for: parameters, "Adagrad: ε")
    stepCount += 1
    if sums.isEmpty { sums = parameters.map { .full($0.shape, initialSum, dtype: $0.dtype) } }
    let rate = learningRate / (1 + Double(stepCount - 1) * rateDecay)
    var state = [sums]
    forEach(&parameters, along: gradients, state: &state) { parameter, gradient, own in
      let gradient = gradient.decayed(parameter, weightDecay).squarable
      own[0] = own[0] + gradient.squared()
      parameter -= gradient / (own[0].squareRoot() + epsilon) * rate
    }
    sums = state[0]
  }

  public mutating func visit(_ visitor: inout OptimizerVisitor) {
    visitor.factor("learningRate", &learningRate)
    visitor.number("rateDecay", &rateDecay, within: .positive)
    visitor.factor("weightDecay", &weightDecay)
    visitor.factor("initialSum", &initialSum)
    visitor.divisor("epsilon", &epsilon)
    visitor.count("stepCount", &stepCount)
    visitor.perParameter("sums", &sums, within: .squares)
  }
}
