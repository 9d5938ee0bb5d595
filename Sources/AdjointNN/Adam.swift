import Adjoint

/// Adam: steps of about the learning rate, whatever the scale of the gradient; AdamW with decoupled
/// weight decay.
///
///     m ← β₁·m + (1 − β₁)·g        v ← β₂·v + (1 − β₂)·g²
///     p ← p − η·m̂/(√v̂ + ε), with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ) at step t
///
/// Weight decay λ adds λ·p to the gradient, or, decoupled, takes η·λ·p off the parameter before the
/// step. PyTorch's conventions: ε is outside the root.
///
/// Source: Kingma & Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1;
/// Loshchilov & Hutter, "Decoupled weight decay regularization" (2019), algorithm 2.
public struct Adam: Optimizer {
  /// η.
  public var learningRate: Double
  /// β₁ and β₂, the shares of the averages that are kept.
  public var betas: (Double, Double)
  /// ε, added to the root.
  public var epsilon: Double
  /// λ.
  public var weightDecay: Double
  /// Whether weight decay acts on the parameter itself: AdamW.
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

  /// Makes AdamW: Adam with decoupled weight decay.
  public static func w(
    learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 1e-2
  ) -> Adam {
    Adam(
      learningRate: learningRate, betas: betas, epsilon: epsilon, weightDecay: weightDecay,
      decouplesWeightDecay: true)
  }

  public mutating func update(_ parameters: inout [Tensor], along gradients: [Tensor]) {
    requireState(means, for: parameters, "Adam")
    if means.isEmpty {
      means = parameters.map { .zeros(like: $0) }
      squares = means
    }
    stepCount += 1
    let meanBias = 1 - power(betas.0, stepCount)
    let squareBias = 1 - power(betas.1, stepCount)
    (parameters, means, squares) = adam(
      parameters, along: gradients, means: means, squares: squares, learningRate: learningRate,
      betas: betas, biases: (meanBias, squareBias), epsilon: epsilon, weightDecay: weightDecay,
      decoupled: decouplesWeightDecay)
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
