import Adjoint

/// Layer normalization: each sample over its last axis, y = γ·(x − μ)/√(σ² + ε) + β.
///
///     x: [N…, features]   →   the same shape
///
/// The same in training and in inference. Parameters: `scale` γ and `shift` β, [features].
///
/// Source: Ba, Kiros & Hinton, "Layer normalization" (2016).
public struct LayerNorm: Layer {
  /// γ, [features].
  public var scale: Tensor
  /// β, [features].
  public var shift: Tensor
  /// ε, added to the variance.
  public var epsilon: Double

  /// Makes a layer with scale 1 and shift 0.
  public init(_ features: Int, epsilon: Double = 1e-5, dtype: DType = .float32) {
    require(features >= 1, "LayerNorm: there are \(features) features; give 1 or more")
    requireWithin(epsilon, 0, .greatestFiniteMagnitude, "LayerNorm: ε")
    requireParameters(of: dtype, "LayerNorm")
    scale = .ones([features], dtype: dtype)
    shift = .zeros([features], dtype: dtype)
    self.epsilon = epsilon
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("scale", &scale)
    visitor.parameter("shift", &shift)
  }

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.grouped("LayerNorm") { x.layerNormalized(scale: scale, shift: shift, epsilon: epsilon) }
  }
}
