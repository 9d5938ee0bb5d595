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
/// The layers are named by their numbers: `0.weight`, `1.scale`. Conditions, loops and arrays of layers,
/// also of different types, may stand among them; their layers are numbered as if they were listed one by
/// one.
///
/// ```swift
/// Sequential {
///   Linear(64, 128, using: &generator)
///   for _ in 0..<depth {
///     Residual { ReLU(); Linear(128, 128, using: &generator) }
///   }
///   if normalizes { LayerNorm(128) }
///   Lambda { x in x.max(over: 1) }
/// }
/// ```
///
/// A layer is a value, so that one that is listed twice is two. To apply one twice, with one set of weights,
/// make it a property of a struct and call it twice; to give two layers one tensor, name it twice
/// (``Module``).
public struct Sequential<each Element: Layer>: Layer {
  private var elements: (repeat each Element)

  /// What is listed, in order: `model.layers.1` is the second layer, a value of its own type. A condition
  /// or a loop is one of them.
  ///
  /// To read only: the compiler (6.3) crashes on places inside such tuples.
  public var layers: (repeat each Element) { elements }

  /// The layer with a number, to change it.
  /// - Precondition: there is such a layer, and it has this type.
  public subscript<Wanted: Layer>(number: Int, as type: Wanted.Type) -> Wanted {
    get {
      var (copy, next, found): (Self, Int, Wanted?) = (self, 0, nil)
      copy.forEachLayer(from: &next) { place, layer in
        if place == number { found = layer as? Wanted }
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
      forEachLayer(from: &next) { place, layer in
        if place == number { layer = newValue }
      }
    }
  }

  /// Makes a layer of the layers that are listed.
  public init(@SequentialBuilder _ layers: () -> Sequential<repeat each Element>) {
    self = layers()
  }

  init(layers: repeat each Element) {
    elements = (repeat each layers)
  }

  public mutating func visit(_ visitor: inout Visitor) { visitNumbered(&visitor) }

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

extension Sequential: NumberedLayers {
  static var isPartOfAList: Bool { false }

  mutating func forEachLayer(from number: inout Int, _ body: (Int, inout any Layer) -> Void) {
    func visited<Child: Layer>(_ child: Child) -> Child {
      var child = child
      child.countLayers(from: &number, body)
      return child
    }
    elements = (repeat visited(each elements))
  }
}
