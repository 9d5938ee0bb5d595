import Adjoint

extension Optimizer {
  /// Changes each parameter, and what is kept for it, by one call of `step`: with the parameter, its gradient, and
  /// its tensor of each list of the state, in place. The lists start with zeros.
  func forEach(
    _ parameters: inout [Tensor], along gradients: [Tensor], state: inout [[Tensor]],
    _ step: (inout Tensor, Tensor, inout [Tensor]) -> Void
  ) {
    for list in state.indices where state[list].isEmpty {
      state[list] = parameters.map { .zeros(like: $0) }
    }
    for index in parameters.indices {
      var own = state.indices.map { state[$0][index] }
      step(&parameters[index], gradients[index], &own)
      for list in state.indices { state[list][index] = own[list] }
    }
  }

  /// 1 − βᵗ at step t, without cancellation.
  func bias(of beta: Double) -> Double {
    -Double.expm1(Double(stepCount) * Double.log(beta))
  }
}

extension Tensor {
  /// The gradient with λ·p added: weight decay as a part of the loss.
  func decayed(_ parameter: Tensor, _ weightDecay: Double) -> Tensor {
    weightDecay == 0 ? self : self + parameter * weightDecay
  }

  /// The gradient, of which what is finite counts as no more than a number whose squares can be added up: 2⁵³ in
  /// float32, 2⁵⁰⁰ in float64. One that is larger freezes no parameter for ever.
  var squarable: Tensor {
    let bound = dtype == .float32 ? 0x1p53 : 0x1p500
    return clamped(to: -bound...bound).select(where: magnitude() .< .infinity, otherwise: self)
  }

  /// β·average + (1 − β)·new.
  static func average(_ average: Tensor, _ new: Tensor, keeping share: Double) -> Tensor {
    average * share + new * (1 - share)
  }
}
