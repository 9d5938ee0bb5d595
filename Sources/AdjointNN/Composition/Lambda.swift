import Adjoint

/// A layer that is a function without state: `Lambda { x in x.squared() }`.
public struct Lambda: Layer {
  private let function: @Sendable (Tensor, Mode) -> Tensor

  /// Makes a layer of a function.
  public init(_ function: @escaping @Sendable (Tensor) -> Tensor) {
    self.function = { x, _ in function(x) }
  }

  /// Makes a layer of a function that asks for the mode.
  public init(_ function: @escaping @Sendable (Tensor, Mode) -> Tensor) {
    self.function = function
  }

  public mutating func visit(_ visitor: inout Visitor) {}

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.groupedInListings("Lambda") { function(x, mode) }
  }
}

/// A layer that returns what it gets.
public struct Identity: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { x }
}
