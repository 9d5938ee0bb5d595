import Adjoint

/// Layers that are named by numbers.
protocol NumberedLayers: Layer {
  /// Whether such layers, listed in a ``Sequential``, are numbered along with the others.
  static var isPartOfAList: Bool { get }
  /// Calls `body` with the number and the place of each layer.
  mutating func forEachLayer(from number: inout Int, _ body: (Int, inout any Layer) -> Void)
}

extension NumberedLayers {
  /// Names the layers by their numbers.
  mutating func visitNumbered(_ visitor: inout Visitor) {
    var number = 0
    forEachLayer(from: &number) { number, layer in
      func visited<Child: Layer>(_ child: Child) -> Child {
        var child = child
        visitor.child(visitor.namesPaths ? "\(number)" : "", &child)
        return child
      }
      layer = visited(layer)
    }
  }
}

extension Layer {
  /// Calls `body` with a layer that is listed, or with those of a condition, a loop or an array that is.
  mutating func countLayers(from number: inout Int, _ body: (Int, inout any Layer) -> Void) {
    if var layers = self as? any NumberedLayers, type(of: layers).isPartOfAList {
      layers.forEachLayer(from: &number, body)
      if let changed = layers as? Self { self = changed }
      return
    }
    if var known = self as? AnyLayer {
      body(number, &known.layer)
      if let changed = known as? Self { self = changed }
    } else {
      var layer: any Layer = self
      body(number, &layer)
      if let changed = layer as? Self { self = changed }
    }
    number += 1
  }
}

/// Layers of one type one after another: those of an array, of a loop, or of a condition that holds.
///
/// They are named by their numbers, those of a loop by the numbers that the listed layers go on with.
public struct LayerArray<Element: Layer>: Layer {
  /// The layers, in order.
  public var layers: [Element]
  /// Whether each is the body of a loop or of a condition, whose own layers are numbered.
  private let isOfBodies: Bool

  /// Makes a layer of layers.
  public init(_ layers: [Element]) {
    self.init(layers, isOfBodies: false)
  }

  init(_ layers: [Element], isOfBodies: Bool) {
    (self.layers, self.isOfBodies) = (layers, isOfBodies)
  }

  public mutating func visit(_ visitor: inout Visitor) { visitNumbered(&visitor) }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    var x = x
    for place in layers.indices { x = layers[place](x, mode) }
    return x
  }
}

extension LayerArray: NumberedLayers {
  static var isPartOfAList: Bool { true }

  mutating func forEachLayer(from number: inout Int, _ body: (Int, inout any Layer) -> Void) {
    for place in layers.indices {
      layers[place].forEachInBody(isOfBodies, from: &number, body)
    }
  }
}

/// The layers of one of two branches: those of `if` and `else`, or of a `switch`.
public enum LayerChoice<First: Layer, Second: Layer>: Layer {
  /// Those of the first branch.
  case first(First)
  /// Those of the second branch.
  case second(Second)

  public mutating func visit(_ visitor: inout Visitor) { visitNumbered(&visitor) }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    switch self {
    case .first(var layer):
      defer { self = .first(layer) }
      return layer(x, mode)
    case .second(var layer):
      defer { self = .second(layer) }
      return layer(x, mode)
    }
  }
}

extension LayerChoice: NumberedLayers {
  static var isPartOfAList: Bool { true }

  mutating func forEachLayer(from number: inout Int, _ body: (Int, inout any Layer) -> Void) {
    switch self {
    case .first(var layer):
      layer.forEachInBody(true, from: &number, body)
      self = .first(layer)
    case .second(var layer):
      layer.forEachInBody(true, from: &number, body)
      self = .second(layer)
    }
  }
}

extension Layer {
  /// Calls `body` with each of the layers of a body, or with the layer itself if it is none.
  fileprivate mutating func forEachInBody(
    _ isBody: Bool, from number: inout Int, _ body: (Int, inout any Layer) -> Void
  ) {
    guard isBody, var layers = self as? any NumberedLayers else {
      return countLayers(from: &number, body)
    }
    layers.forEachLayer(from: &number, body)
    if let changed = layers as? Self { self = changed }
  }
}
