import Adjoint

/// An optimizer that averages gradients and their squares as Adam does, and makes steps of its own of them.
protocol AdamFamily: Optimizer {
  var betas: (Double, Double) { get }
  var weightDecay: Double { get }
  var decouplesWeightDecay: Bool { get }
}

extension AdamFamily {
  /// Lets weight decay act, and averages the gradient into the mean, `own[0]`, and the mean square, `own[1]`.
  /// - Returns: the gradient that was averaged.
  @discardableResult
  func advance(_ own: inout [Tensor], _ parameter: inout Tensor, _ gradient: Tensor) -> Tensor {
    var gradient = gradient
    if decouplesWeightDecay {
      parameter = parameter * (1 - learningRate * weightDecay)
    } else {
      gradient = gradient.decayed(parameter, weightDecay)
    }
    gradient = gradient.squarable
    own[0] = .average(own[0], gradient, keeping: betas.0)
    own[1] = .average(own[1], gradient.squared(), keeping: betas.1)
    return gradient
  }
}

/// Stops at numbers that Adam and its relatives cannot work with.
/// - Parameter besideRoots: whether ε is added to the root of squares.
func requireAdamCoefficients(
  _ learningRate: Double, _ betas: (Double, Double), _ epsilon: Double, _ weightDecay: Double,
  for parameters: [Tensor], _ name: String, besideRoots: Bool = true
) {
  requireFactor(learningRate, for: parameters, "\(name): the learning rate")
  requireShare(betas.0, "\(name): β₁")
  requireShare(betas.1, "\(name): β₂")
  if besideRoots {
    requireDivisorBesideRoots(epsilon, for: parameters, "\(name): ε")
  } else {
    requireDivisor(epsilon, for: parameters, "\(name): ε")
  }
  requireFactor(weightDecay, for: parameters, "\(name): the weight decay")
}
