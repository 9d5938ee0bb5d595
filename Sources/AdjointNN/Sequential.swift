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
/// print(model.layers.1.epsilon)
/// model[1, as: BatchNorm.self].epsilon = 1e-3
/// ```
///
/// The layers are named by their numbers: `0.weight`, `1.scale`.
public struct Sequential<each Element: Layer>: Layer {
  private var elements: (repeat each Element)

  /// The layers, in order: `model.layers.1` is the second one, a value of its own type.
  ///
  /// To read only: the compiler (6.3) crashes on places inside such tuples.
  public var layers: (repeat each Element) { elements }

  /// The layer with a number, to change it.
  /// - Precondition: there is such a layer, and it has this type.
  public subscript<Wanted: Layer>(number: Int, as type: Wanted.Type) -> Wanted {
    get {
      var found: Wanted?
      var next = 0
      for element in repeat each elements {
        if next == number { found = element as? Wanted }
        next += 1
      }
      guard let found else {
        stop("Sequential: layer \(number) of \(next) is no \(type); summary lists the layers")
      }
      return found
    }
    set {
      // Says so if there is no such layer.
      _ = self[number, as: type]
      var next = 0
      func replaced<Child: Layer>(_ child: Child) -> Child {
        defer { next += 1 }
        return next == number ? newValue as? Child ?? child : child
      }
      elements = (repeat replaced(each elements))
    }
  }

  /// Makes a layer of the layers that are listed.
  public init(@SequentialBuilder _ layers: () -> Sequential<repeat each Element>) {
    self = layers()
  }

  init(layers: repeat each Element) {
    elements = (repeat each layers)
  }

  public mutating func visit(_ visitor: inout Visitor) {
    var number = 0
    func visited<Child: Layer>(_ child: Child) -> Child {
      var child = child
      visitor.child("\(number)", &child)
      number += 1
      return child
    }
    elements = (repeat visited(each elements))
  }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    var x = x
    func applied<Child: Layer>(_ child: Child) -> Child {
      var child = child
      x = child(x, mode)
      return child
    }
    elements = (repeat applied(each elements))
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
