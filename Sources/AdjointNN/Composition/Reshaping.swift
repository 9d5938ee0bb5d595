import Adjoint

/// All axes from `first` on made one: images to rows.
///
///     x: [N, A, B, …]   →   [N, A·B·…]
public struct Flatten: StatelessLayer {
  /// The first of the axes.
  public var first: Int
  /// Makes the layer.
  public init(from first: Int = 1) { self.first = first }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "Flatten") { x.flattened(from: first) }
  }
}

/// The axes from the second on in another shape: rows to images.
///
///     x: [N, A…]   →   [N, B…]
public struct Reshape: StatelessLayer {
  /// The shape of a sample, B….
  public var shape: [Int]
  /// Makes the layer.
  public init(to shape: [Int]) { self.shape = shape }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    require(
      x.rank >= 1 && shape.allSatisfy { $0 >= 0 }
        && x.shape[1...].reduce(1, *) == clampedProduct(of: shape),
      "Reshape: samples of \(x.type) have not the elements of \(shape)")
    return speaking(as: "Reshape") { x.reshaped(to: [x.shape[0]] + shape) }
  }
}
