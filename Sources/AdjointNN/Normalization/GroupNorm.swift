import Adjoint

/// Group normalization: each group of channels of each sample, y = γ·(x − μ)/√(σ² + ε) + β.
///
///     x: [N, C, A…]   →   the same shape
///
/// μ and σ² are over C/groups channels and all spatial axes; γ and β are those of the channel. The same in
/// training and in inference, for batches of any size. Parameters: `scale` γ and `shift` β, [C].
///
/// Source: Wu & He, "Group normalization" (2018).
public struct GroupNorm: Layer {
  /// γ, [C].
  public var scale: Tensor
  /// β, [C].
  public var shift: Tensor
  /// The number of groups.
  public var groups: Int
  /// ε, added to the variance.
  public var epsilon: Double

  /// Makes a layer with scale 1 and shift 0.
  /// - Precondition: the groups divide the channels.
  public init(_ groups: Int, _ channels: Int, epsilon: Double = 1e-5, dtype: DType = .float32) {
    require(
      groups >= 1 && channels >= 1 && channels.isMultiple(of: groups),
      "GroupNorm: \(groups) groups do not divide \(channels) channels; give a divisor of them")
    requireWithin(epsilon, 0, .greatestFiniteMagnitude, "GroupNorm: ε")
    requireParameters(of: dtype, "GroupNorm")
    scale = .ones([channels], dtype: dtype)
    shift = .zeros([channels], dtype: dtype)
    (self.groups, self.epsilon) = (groups, epsilon)
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("scale", &scale)
    visitor.parameter("shift", &shift)
  }

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.layered("GroupNorm", with: scale) {
      x.groupNormalized(groups: groups, scale: scale, shift: shift, epsilon: epsilon)
    }
  }
}
