import Adjoint

/// Root mean square normalization: each sample over its last axis, y = γ·x/√(mean(x²) + ε).
///
///     x: [N…, features]   →   the same shape
///
/// Layer norm without the mean. The same in training and in inference. Parameter: `scale` γ, [features].
///
/// Source: Zhang & Sennrich, "Root mean square layer normalization" (2019).
public struct RMSNorm: Layer {
  /// γ, [features].
  public var scale: Tensor
  /// ε, added to the mean square.
  public var epsilon: Double

  /// Makes a layer with scale 1.
  public init(_ features: Int, epsilon: Double = 1e-5, dtype: DType = .float32) {
    require(features >= 1, "RMSNorm: there are \(features) features; give 1 or more")
    requireWithin(epsilon, 0, .greatestFiniteMagnitude, "RMSNorm: ε")
    requireParameters(of: dtype, "RMSNorm")
    scale = .ones([features], dtype: dtype)
    self.epsilon = epsilon
  }

  public mutating func visit(_ visitor: inout Visitor) { visitor.parameter("scale", &scale) }

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.layered("RMSNorm", with: scale) { x.rootMeanSquareNormalized(scale: scale, epsilon: epsilon) }
  }
}
