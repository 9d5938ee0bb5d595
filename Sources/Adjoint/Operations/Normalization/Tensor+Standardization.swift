// Normalization without statistics to keep, scale or shift.

extension Tensor {
  /// Returns the elements less their mean over axes, divided by their standard deviation.
  ///
  ///     x: [N, C, H, W], over: [0, 2, 3]   →   [N, C, H, W]
  ///
  /// y = (x − μ)/(σ + ε), σ of the variance divided by n: the MeanVarianceNormalization of ONNX. Pullback: of the
  /// composition.
  /// - Precondition: `axes` are distinct and within the rank; ε ≥ 0.
  public func standardized(over axes: [Int], epsilon: Double = 1e-9) -> Tensor {
    requireEpsilon(epsilon, "standardized", "deviation")
    return speaking(as: "standardized") {
      let deviation = standardDeviation(over: axes, keepingAxes: true)
      return (self - mean(over: axes, keepingAxes: true)) / (deviation + epsilon)
    }
  }

  /// Returns the elements divided by their p-norm over axes: vectors of length 1.
  ///
  ///     x: [N, D], over: [1]   →   [N, D]
  ///
  /// 0 where all are; no norm overflows or vanishes. Pullback, for p = 2: x̄ = (ȳ − y·Σ ȳ·y)/norm.
  /// - Precondition: p ≥ 1; `axes` are distinct and within the rank.
  public func dividedByNorm(_ p: Double = 2, over axes: [Int] = [-1]) -> Tensor {
    requireFloatingPoint("dividedByNorm")
    require(p >= 1, "dividedByNorm: p is \(p); what is below 1 is no norm, give 1 or more")
    // The quotient is that of the shares of the largest element, whose norm is near 1.
    let shares = self / largestMagnitude(over: resolvedAxes(axes, "dividedByNorm"))
    let norm = shares.norm(p, over: axes, keepingAxes: true)
    return shares / norm.filled(where: norm .== 0, with: 1)
  }
}
