extension Tensor {
  /// Returns the product of the elements over axes; over all if none are given.
  ///
  ///     x: [A, B, C], axes: [0, 2]   →   [B], or [1, B, 1] if the axes are kept
  ///
  /// Without overflow on the way, and nothing is divided: derivatives are right where elements are 0, and of every
  /// order. The product of nothing is 1. Pullback: x̄ᵢ = ȳ·Π xⱼ over j ≠ i.
  /// - Precondition: `axes` are distinct and within the rank; a product of int32 fits.
  public func product(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    speaking(as: "product") { products(over: resolvedAxes(axes, "product"), keepingAxes) }
  }

  private func products(over axes: [Int], _ keepingAxes: Bool) -> Tensor {
    let result = type.reduced(over: axes, keepingAxes: keepingAxes)
    if axes.count == 1 {
      return ElementProduct(axis: axes[0])(self).reshaped(to: result.shape)
    }
    let kept = shape.indices.filter { !axes.contains($0) }
    let x = transposed(kept + axes)
      .reshaped(to: kept.map { shape[$0] } + [type.count(over: axes)])
    return ElementProduct(axis: kept.count)(x).reshaped(to: result.shape)
  }

  /// Returns the product of the elements along one axis. Pullback: x̄ᵢ = ȳ·Π xⱼ over j ≠ i.
  public func product(over axis: Int, keepingAxes: Bool = false) -> Tensor {
    product(over: [axis], keepingAxes: keepingAxes)
  }

  /// Returns the sum of the squares over axes; over all if none are given. Pullback: x̄ = 2·ȳ·x.
  public func sumOfSquares(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    speaking(as: "sumOfSquares") { squared().sum(over: axes, keepingAxes: keepingAxes) }
  }

  /// Returns the p-norm (Σ|x|ᵖ)^(1/p) over axes, over all if none are given; for p = ∞ the largest magnitude.
  ///
  ///     x: [A, B, C], axes: [0, 2]   →   [B], or [1, B, 1] if the axes are kept
  ///
  /// Pullback: x̄ = ȳ·sign x·(|x|/y)ᵖ⁻¹; where y is 0 it has no derivative, and 0, a subgradient, is taken.
  /// Powers are of shares of the largest element, or in float64, and none overflows or vanishes beside others. For p = 1
  /// and ∞ the elements may be integers.
  /// - Precondition: p ≥ 1.
  public func norm(_ p: Double, over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    require(p >= 1, "norm: p is \(p); what is below 1 is no norm, give 1 or more")
    if p == 1 || p == .infinity {
      return speaking(as: "norm") {
        // Of nothing every norm is 0, as a sum is, and not a largest element.
        p == 1 || type.count(over: resolvedAxes(axes, "norm")) == 0
          ? magnitude().sum(over: axes, keepingAxes: keepingAxes)
          : magnitude().max(over: axes, keepingAxes: keepingAxes)
      }
    }
    requireFloatingPoint("norm")
    if p == 2 { return norm(over: axes, keepingAxes: keepingAxes) }
    let axes = resolvedAxes(axes, "norm")
    let unit = largestMagnitude(over: axes)
    let norm =
      (self / unit).magnitude().power(p).sum(over: axes, keepingAxes: true).rootOfPowers(p) * unit
    return keepingAxes
      ? norm : norm.reshaped(to: type.reduced(over: axes, keepingAxes: false).shape)
  }

  /// Returns the p-norm along one axis.
  public func norm(_ p: Double, over axis: Int, keepingAxes: Bool = false) -> Tensor {
    norm(p, over: [axis], keepingAxes: keepingAxes)
  }

  /// The largest magnitude over axes, which stay, and 1 where that is 0 or infinite: a number by which elements may be
  /// divided so that their powers neither overflow nor vanish together. A constant.
  package func largestMagnitude(over axes: [Int]) -> Tensor {
    let result = type.reduced(over: axes, keepingAxes: true)
    guard type.count(over: axes) > 0 else { return .ones(result.shape, dtype: dtype) }
    let largest = magnitude().max(over: axes, keepingAxes: true).stoppingGradient()
    return largest.filled(where: (largest .== 0) .| (largest .== .infinity), with: 1)
  }

  /// x^(1/p) of a sum of powers, whose derivative at 0 is taken as 0.
  func rootOfPowers(_ p: Double) -> Tensor {
    let isThere = self .!= 0
    let root = select(where: isThere, otherwise: scalar(1)).power(1 / p)
    return root.select(where: isThere, otherwise: scalar(0))
  }
}
