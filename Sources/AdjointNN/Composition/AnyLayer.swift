import Adjoint

/// A layer of a type that only the running program knows: a choice that a file or an option makes.
///
/// ```swift
/// var norm: AnyLayer = isImage ? AnyLayer(BatchNorm(64)) : AnyLayer(LayerNorm(64))
/// ```
///
/// It goes by the names of the layer that it holds.
public struct AnyLayer: Layer {
  /// The layer.
  public var layer: any Layer

  /// Makes a layer of unknown type of one of a known type.
  public init(_ layer: some Layer) { self.layer = layer }

  public mutating func visit(_ visitor: inout Visitor) {
    func visited<Held: Layer>(_ held: Held) -> Held {
      var held = held
      requireValue(Held.self)
      visitor.wrapped(&held)
      return held
    }
    layer = visited(layer)
  }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { layer(x, mode) }
}
