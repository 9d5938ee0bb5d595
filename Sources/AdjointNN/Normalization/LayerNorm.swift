import Adjoint

/// Layer normalization: each sample over its last axes, y = γ·(x − μ)/√(σ² + ε) + β.
///
///     x: [N…, D…]   →   the same shape
///
/// The same in training and in inference. Parameters: `scale` γ and `shift` β, [D…].
///
/// Source: Ba, Kiros & Hinton, "Layer normalization" (2016).
public struct LayerNorm: Layer {
  /// γ, [D…].
  public var scale: Tensor
  /// β, [D…].
  public var shift: Tensor
  /// ε, added to the variance.
  public var epsilon: Double

  /// Makes a layer over the last axis, with scale 1 and shift 0.
  public init(_ features: Int, epsilon: Double = 1e-5, dtype: DType = .float32) {
    self.init([features], epsilon: epsilon, dtype: dtype)
  }

  /// Makes a layer over the last axes, of these extents, with scale 1 and shift 0.
  public init(_ features: [Int], epsilon: Double = 1e-5, dtype: DType = .float32) {
    require(
      !features.isEmpty && features.allSatisfy { $0 >= 1 },
      "LayerNorm: the features are \(features); give one extent or several, of 1 or more")
    requireWithin(epsilon, 0, .greatestFiniteMagnitude, "LayerNorm: ε")
    requireParameters(of: dtype, "LayerNorm")
    scale = .ones(features, dtype: dtype)
    shift = .zeros(features, dtype: dtype)
    self.epsilon = epsilon
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("scale", &scale)
    visitor.parameter("shift", &shift)
  }

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.layered("LayerNorm", with: scale) {
      x.layerNormalized(scale: scale, shift: shift, from: -scale.rank, epsilon: epsilon)
    }
  }
}
