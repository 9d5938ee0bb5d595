extension Tensor {
  /// Returns √x of a sum of squares, whose derivative at 0 is taken as 0.
  func rootOfSquares() -> Tensor { Unary<RootOfSquares>()(self) }

  /// Returns the Euclidean norm √Σx² over axes, over all if none are given.
  ///
  ///     x: [A, B, C], axes: [0, 2]   →   [B], or [1, B, 1] if the axes are kept
  ///
  /// Elements are taken relative to the largest, so that no square overflows or vanishes. Pullback:
  /// x̄ = ȳ·x/y; where y is 0 it has no derivative, and 0, a subgradient, is taken.
  /// - Precondition: `axes` are distinct and within the rank.
  ///
  /// Source: Blue, "A portable Fortran program to find the Euclidean norm of a vector" (1978), for the
  /// scaling.
  public func norm(over axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    let axes = resolvedAxes(axes, "norm")
    guard type.count(over: axes) > 0 else {
      return squared().sum(over: axes, keepingAxes: keepingAxes)
    }
    // A constant, by which nothing is differentiated: the norm does not depend on it.
    let largest = magnitude().max(over: axes, keepingAxes: true).stoppingGradient()
    let isUsable = (largest .> 0) .& (largest .< .infinity)
    let unit = largest.select(where: isUsable, otherwise: scalar(1))
    let relative = (self / unit).squared().sum(over: axes, keepingAxes: true).rootOfSquares()
    let norm = relative * unit
    return keepingAxes
      ? norm : norm.reshaped(to: type.reduced(over: axes, keepingAxes: false).shape)
  }
}
