// Batch norm's relatives.

extension Tensor {
  /// Normalizes each channel with given statistics, then scales and shifts it: y = γ·(x − μ)/√(σ² +
  /// ε) + β.
  ///
  ///     x: [N, C, H, W], mean, variance, scale, shift: [C], axis: 1   →   [N, C, H, W]
  ///
  /// What batch norm does in inference. Made of ordinary operations, and differentiable by all its
  /// inputs. γ/√(σ² + ε) may be more than the element type holds, or less, where y is not. Where σ² + ε is 0, y is β
  /// where x is μ, its limit for small ε.
  /// - Precondition: each vector has one element for each channel; ε ≥ 0.
  public func normalized(
    mean: Tensor, variance: Tensor, scale: Tensor, shift: Tensor, axis: Int = 1,
    epsilon: Double = 1e-5
  ) -> Tensor {
    requireFloatingPoint("normalized")
    requireEpsilon(epsilon, "normalized")
    let axis = resolved(axis, rank: rank, "normalized", type)
    let needed = type.with(shape: [shape[axis]])
    for (role, vector) in [
      ("mean", mean), ("variance", variance), ("scale", scale), ("shift", shift),
    ] {
      require(
        vector.type == needed,
        "normalized: the \(role) is \(vector.type); axis \(axis) of \(type) needs \(needed)")
    }
    // An ε that float32 does not hold may still be more than the variance.
    let isTiny = dtype == .float32 && epsilon > 0 && !Float(epsilon).isNormal
    func held(_ variance: Tensor, _ function: (Tensor) -> Tensor) -> Tensor {
      isTiny
        ? function(variance.cast(to: .float64) + epsilon).cast(to: dtype)
        : function(variance + epsilon)
    }
    return (self - mean.channels(axis, rank: rank)).affine(
      scale: scale, over: variance, shift: shift, axis: axis,
      deviation: { held($0) { $0.squareRoot() } }, quotient: { $0 * held($1) { $0.rsqrt() } })
  }

  /// Normalizes each sample over its axes from `axis` on, then scales and shifts it: layer norm.
  ///
  ///     x: [N…, D…], scale, shift: [D…]   →   [N…, D…]
  ///
  /// y = γ·(x − μ)/√(σ² + ε) + β, with the mean and the variance, divided by n, over D. It is group norm
  /// with one group, whose pullback it has.
  /// One element alone gives β, and a gradient of 0.
  /// - Precondition: scale and shift have the shape of the axes; ε ≥ 0, and with ε = 0 no sample is constant.
  ///
  /// Source: Ba, Kiros & Hinton, "Layer normalization" (2016).
  public func layerNormalized(
    scale: Tensor, shift: Tensor, from axis: Int = -1, epsilon: Double = 1e-5
  ) -> Tensor {
    requireFloatingPoint("layerNormalized")
    let axis = resolved(axis, rank: rank, "layerNormalized", type)
    let features = Array(shape[axis...])
    require(
      scale.shape == features && shift.shape == features,
      "layerNormalized: the scale is \(scale.type) and the shift \(shift.type); the axes of \(type) "
        + "from \(axis) on need \(type.with(shape: features))")
    requireEpsilon(epsilon, "layerNormalized")
    let width = features.reduce(1, *)
    return speaking(as: "layerNormalized") {
      reshaped(to: [shape[..<axis].reduce(1, *), width])
        .groupNormalized(
          groups: 1, scale: scale.reshaped(to: [width]), shift: shift.reshaped(to: [width]),
          epsilon: epsilon
        ).reshaped(to: shape)
    }
  }

  /// Normalizes each group of channels of each sample, then scales and shifts each channel: group norm.
  ///
  ///     x: [N, C, A…], scale, shift: [C]   →   [N, C, A…]
  ///
  /// With as many groups as channels it is instance norm, with one group layer norm. The mean and the
  /// variance, divided by n, are over C/groups channels and all spatial axes. Pullback, with g = γ·ȳ, S₁ =
  /// mean(g) and S₂ = mean((g − S₁)·x̂) over each group of each sample: x̄ = (g − S₁ − x̂·S₂)/√(σ² + ε), γ̄ =
  /// Σ ȳ·x̂, β̄ = Σ ȳ. Sums are in float64.
  /// - Precondition: the groups divide the channels; ε ≥ 0, and with ε = 0 no group is constant.
  ///
  /// Source: Wu & He, "Group normalization" (2018).
  public func groupNormalized(
    groups: Int, scale: Tensor, shift: Tensor, epsilon: Double = 1e-5
  ) -> Tensor {
    requireFloatingPoint("groupNormalized")
    requireEpsilon(epsilon, "groupNormalized")
    return GroupNormalization(groups: groups)
      .outputs(of: [self, scale, shift, scalar(epsilon)])[0]
  }
}

/// Stops unless a number can be added to a variance, or to a deviation.
func requireEpsilon(_ epsilon: Double, _ operation: String, _ statistic: String = "variance") {
  require(
    epsilon >= 0 && epsilon.isFinite,
    "\(operation): epsilon is \(epsilon); it is added to a \(statistic), give 0 or more")
}

/// What a definition makes of tensors taken to float64, in the element type that they have: a square of what
/// float32 holds may be too large or too small for it.
func inFloat64(_ inputs: [Tensor], _ definition: ([Tensor]) -> [Tensor]) -> [Tensor] {
  definition(inputs.map { $0.cast(to: .float64) }).map { $0.cast(to: inputs[0].dtype) }
}
