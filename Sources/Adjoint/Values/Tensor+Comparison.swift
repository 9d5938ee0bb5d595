extension Tensor: Equatable {
  /// Whether two tensors have the same type and equal elements; NaN is not equal to itself.
  public static func == (left: Tensor, right: Tensor) -> Bool {
    left.type == right.type && [Double](left) == [Double](right)
  }

  /// Whether two tensors have one shape and no two elements lie further apart than a tolerance.
  ///
  /// Compares |x − y| ≤ absolute + relative · |y|. Equal infinities are close; NaN is close to
  /// nothing.
  public func isClose(
    to other: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8
  ) -> Bool {
    shape == other.shape
      && zip([Double](self), [Double](other)).allSatisfy { x, y in
        x == y || Swift.abs(x - y) <= absolute + relative * Swift.abs(y) && y.isFinite
      }
  }
}
