import Adjoint

/// A layer whose parameters optimizers leave as they are: they count as buffers.
///
/// Whether a layer is trained and the mode that it is applied in are two separate things. A frozen
/// batch norm applied in `.training` still uses and averages the statistics of the batch, unless its
/// ``BatchNorm/statistics`` are `.running`:
///
/// ```swift
/// model.forEach(BatchNorm.self) { _, norm in norm.statistics = .running }
/// ```
public struct Frozen<Wrapped: Layer>: Layer {
  /// The layer.
  public var layer: Wrapped

  /// Freezes a layer.
  public init(_ layer: Wrapped) { self.layer = layer }

  public mutating func visit(_ visitor: inout Visitor) { visitor.frozen(&layer) }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { layer(x, mode) }
}
