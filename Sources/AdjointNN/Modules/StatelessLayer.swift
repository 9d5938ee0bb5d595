import Adjoint

/// A layer without parameters or state: a function of a tensor.
public protocol StatelessLayer: Layer {
  /// Applies the function.
  func callAsFunction(_ x: Tensor) -> Tensor
}

extension StatelessLayer {
  public mutating func visit(_ visitor: inout Visitor) {}
  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.groupedInListings(Self.typeName) { self(x) }
  }
}
