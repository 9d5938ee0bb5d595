import Adjoint

/// What lies within λ of 0 made 0, the rest as it is.
///
///     x: [A…]   →   [A…]:   x where |x| > λ, else 0
///
/// Pullback: x̄ = ȳ where |x| > λ, else 0; at ±λ, where it jumps, 0.
public struct HardShrink: StatelessLayer {
  /// λ, 0 or more.
  public var threshold: Double
  /// Makes the layer.
  public init(_ threshold: Double = 0.5) {
    requireThreshold(threshold, "HardShrink")
    self.threshold = threshold
  }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "HardShrink") { x.filled(where: x.magnitude() .<= threshold, with: 0) }
  }
}

/// What lies within λ of 0 made 0, the rest nearer to 0 by λ: soft thresholding.
///
///     x: [A…]   →   [A…]:   x − λ above λ, x + λ below −λ, else 0
///
/// Pullback: x̄ = ȳ where |x| > λ, else 0.
/// Source: Donoho, "De-noising by soft-thresholding" (1995), §I.
public struct SoftShrink: StatelessLayer {
  /// λ, 0 or more.
  public var threshold: Double
  /// Makes the layer.
  public init(_ threshold: Double = 0.5) {
    requireThreshold(threshold, "SoftShrink")
    self.threshold = threshold
  }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "SoftShrink") { x - x.clamped(to: -threshold...threshold) }
  }
}

/// x less its hyperbolic tangent.
///
///     x: [A…]   →   [A…]:   x − tanh x
///
/// Near 0, where it is x³/3, the difference loses digits as PyTorch's does. Pullback: x̄ = ȳ·tanh² x.
public struct TanhShrink: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { speaking(as: "TanhShrink") { x - x.tanh() } }
}

/// Stops at a threshold below 0, and at NaN.
private func requireThreshold(_ threshold: Double, _ layer: String) {
  require(threshold >= 0, "\(layer): the threshold is \(threshold); give 0 or more")
}
