// A scale for each channel, divided by its deviation: where the quotient is more than the element type holds, or less.

extension Tensor {
  /// Returns γ·x/d + β for what is centred, with a scale γ, a deviation d and a shift β for each channel.
  ///
  ///     x: [N, C, H, W], scale, statistic, shift: [C], axis: 1   →   [N, C, H, W]
  ///
  /// γ/d is formed first, for each channel once, if it is a normal number of the element type. Else x is divided by d,
  /// and multiplied by γ then: both may be numbers where γ/d is none. Where d is 0, x/d is taken as 0 where x is, its
  /// limit for small d, and so is γ·x/d where γ is 0.
  /// - Parameters:
  ///   - statistic: what the deviations follow from, such as a variance.
  ///   - deviation: d of the statistic.
  ///   - quotient: γ/d of the scale and the statistic.
  package func affine(
    scale: Tensor, over statistic: Tensor, shift: Tensor, axis: Int,
    deviation: (Tensor) -> Tensor, quotient: (_ scale: Tensor, _ statistic: Tensor) -> Tensor
  ) -> Tensor {
    let factors = quotient(scale, statistic)
    // Looked at where nothing has to be computed for it, as in a layer's inference.
    let known =
      factors.tape == nil ? factors : Tensor.known(scale, statistic).map { quotient($0, $1) }
    if known?.areFactors(of: scale) == true {
      return affine(scale: factors, shift: shift, axis: axis)
    }
    let (size, deviations) = (factors.magnitude(), deviation(statistic))
    let isNormal = (size .>= dtype.leastNormal) .& (size .< .infinity)
    let isLeft = isNormal .| ((scale .== 0) .& (deviations .== deviations))
    return divided(
      by: scalar(1).select(where: isLeft, otherwise: deviations).channels(axis, rank: rank)
    )
    .affine(
      scale: factors.select(where: isNormal, otherwise: scale), shift: shift, axis: axis)
  }

  /// Plain tensors of the elements of two tensors, if nothing has to be computed for them.
  private static func known(_ a: Tensor, _ b: Tensor) -> (Tensor, Tensor)? {
    guard let first = a.knownValue, let second = b.knownValue else { return nil }
    return (first, second)
  }

  /// Whether each element is a normal number, or 0 as the scale that it was made of.
  private func areFactors(of scale: Tensor) -> Bool {
    guard let scale = scale.knownValue else { return false }
    func areFactors<Scalar: RealScalar>(_ scalar: Scalar.Type) -> Bool {
      withSpan(of: scalar) { factors in
        if factors.indices.allSatisfy({ factors[$0].isNormal }) { return true }
        return scale.withSpan(of: scalar) { scales in
          factors.indices.allSatisfy { factors[$0].isNormal || factors[$0] == 0 && scales[$0] == 0 }
        }
      }
    }
    return dtype == .float64 ? areFactors(Double.self) : areFactors(Float.self)
  }
}

extension DType {
  /// The least number of a floating-point type that has all its digits.
  fileprivate var leastNormal: Double {
    self == .float32 ? Double(Float.leastNormalMagnitude) : Double.leastNormalMagnitude
  }
}
