import Adjoint

/// Elements put around the spatial axes: zeros, another number, or the input's own, mirrored or repeated.
///
///     x: [N, C, A…]   →   [N, C, before + A + after…]
///
/// In front of a convolution without padding it is what others call its padding mode:
///
/// ```swift
/// Padding(1, .reflection)
/// Conv2D(3, 16, kernel: 3, using: &generator)
/// ```
///
/// Pullback: x̄ is the sum of ȳ over all places where an element stands.
public struct Padding: StatelessLayer {
  /// How many elements come before each spatial axis.
  public var before: any PerAxis
  /// How many elements come after each spatial axis.
  public var after: any PerAxis
  /// Which elements they are.
  public var mode: PaddingMode

  /// Makes a layer that puts as many elements before each axis as after it.
  ///
  /// - Parameters:
  ///   - amount: how many, for all spatial axes or for each.
  ///   - mode: which elements they are.
  public init(_ amount: some PerAxis, _ mode: PaddingMode = .value(0)) {
    self.init(before: amount, after: amount, mode)
  }

  /// Makes a layer that puts so many elements before each axis, and so many after it.
  ///
  /// - Parameters:
  ///   - before: how many before, for all spatial axes or for each.
  ///   - after: how many after.
  ///   - mode: which elements they are.
  public init(before: some PerAxis, after: some PerAxis, _ mode: PaddingMode = .value(0)) {
    (self.before, self.after, self.mode) = (before, after, mode)
  }

  /// - Precondition: x has a batch, channels, and as many spatial axes as there are amounts.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    require(
      x.rank >= 3, "Padding: \(x.type) has no spatial axes; give [batch, channels, …] with some")
    let count = x.rank - 2
    return speaking(as: "Padding") {
      x.padded(
        before: [0, 0] + before.numbers(count, "Padding: the amount before"),
        after: [0, 0] + after.numbers(count, "Padding: the amount after"), mode: mode)
    }
  }
}
