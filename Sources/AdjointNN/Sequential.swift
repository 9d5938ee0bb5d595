import Adjoint

/// Layers one after another, each of its own type, known to the compiler.
///
/// ```swift
/// var model = Sequential {
///   Linear(64, 128, bias: false, using: &generator)
///   BatchNorm(128)
///   ReLU()
///   Linear(128, 10, using: &generator)
/// }
/// model.layers.1.epsilon = 1e-3
/// ```
///
/// The layers are named by their numbers: `0.weight`, `1.scale`.
public struct Sequential<each Element: Layer>: Layer {
  /// The layers, in order.
  public var layers: (repeat each Element)

  /// Makes a layer of the layers that are listed.
  public init(@SequentialBuilder _ layers: () -> Sequential<repeat each Element>) {
    self = layers()
  }

  init(layers: repeat each Element) {
    self.layers = (repeat each layers)
  }

  public mutating func visit(_ visitor: inout Visitor) {
    var number = 0
    func visited<Child: Layer>(_ child: Child) -> Child {
      var child = child
      visitor.child("\(number)", &child)
      number += 1
      return child
    }
    layers = (repeat visited(each layers))
  }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    var x = x
    func applied<Child: Layer>(_ child: Child) -> Child {
      var child = child
      x = child(x, mode)
      return child
    }
    layers = (repeat applied(each layers))
    return x
  }
}

/// Collects the layers of a ``Sequential``.
@resultBuilder
public enum SequentialBuilder {
  /// Makes the sequence of the layers listed.
  public static func buildBlock<each Element: Layer>(
    _ layers: repeat each Element
  ) -> Sequential<repeat each Element> {
    Sequential(layers: repeat each layers)
  }
}
