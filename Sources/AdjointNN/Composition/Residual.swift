import Adjoint

/// A residual connection: y = shortcut(x) + body(x), where the shortcut is x itself unless given.
///
/// ```swift
/// Residual {
///   Conv2D(16, 32, kernel: 3, stride: 2, padding: 1, bias: false, using: &generator)
///   BatchNorm(32)
/// } shortcut: {
///   Conv2D(16, 32, kernel: 1, stride: 2, bias: false, using: &generator)
/// }
/// ```
///
/// Both are given x, and give results of one shape. Names: `body.0.weight`, `shortcut.0.weight`.
///
/// Source: He, Zhang, Ren & Sun, "Deep residual learning for image recognition" (2015), §3.2.
public struct Residual<Body: Layer, Shortcut: Layer>: Layer {
  /// What is learned.
  public var body: Body
  /// The way around it.
  public var shortcut: Shortcut

  /// Makes a residual connection around layers.
  public init(@SequentialBuilder _ body: () -> Body) where Shortcut == Identity {
    (self.body, shortcut) = (body(), Identity())
  }

  /// Makes a residual connection with layers on the way around, too.
  public init(
    @SequentialBuilder _ body: () -> Body, @SequentialBuilder shortcut: () -> Shortcut
  ) {
    (self.body, self.shortcut) = (body(), shortcut())
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.child("body", &body)
    visitor.child("shortcut", &shortcut)
  }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let (y, own) = (body(x, mode), shortcut(x, mode))
    require(
      y.type == own.type,
      "Residual: the body makes \(y.type) of \(x.type), the shortcut \(own.type); make them of one type, by a "
        + "layer in the shortcut")
    return own + y
  }
}

/// A dense connection: x, and what layers make of it, side by side.
///
///     x: [N, C, A…]   →   [N, C + K, A…], where the layers make [N, K, A…]
///
/// ```swift
/// DenseConnection { BatchNorm(16); ReLU(); Conv2D(16, 8, kernel: 3, padding: 1, using: &generator) }
/// ```
///
/// Names: `body.0.scale`.
///
/// Source: Huang, Liu, van der Maaten & Weinberger, "Densely connected convolutional networks" (2017), §3.
public struct DenseConnection<Body: Layer>: Layer {
  /// What is added.
  public var body: Body
  /// The axis of the channels: 1, or −1 where they come last.
  public var axis: Int

  /// Makes a dense connection around layers.
  public init(along axis: Int = 1, @SequentialBuilder _ body: () -> Body) {
    (self.axis, self.body) = (axis, body())
  }

  public mutating func visit(_ visitor: inout Visitor) { visitor.child("body", &body) }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let added = body(x, mode)
    return speaking(as: "DenseConnection") { .concatenated([x, added], along: axis) }
  }
}
