extension Tensor {
  /// Returns the p-norm of each window.
  ///
  ///     x: [N, C, A…]   →   [N, C, B…]
  ///
  /// (Σ|x|ᵖ)^(1/p), with one to three spatial axes; padding is 0. Pullback: x̄ = Σ ȳ·sign x·(|x|/y)ᵖ⁻¹ over the
  /// windows that hold x; 0 where y is 0.
  ///
  /// - Parameters:
  ///   - window: the extents of the windows.
  ///   - p: the exponent, 1 or more.
  ///   - strides: how far apart neighbouring windows are; as far as they are wide unless said otherwise.
  ///   - padding: how much is added at both ends of each axis; or before all axes, and then after them.
  ///   - dilations: how far apart neighbouring elements of a window are; 1 unless said otherwise.
  ///   - roundingUp: whether a last window may reach over the end.
  public func powerPooled(
    _ window: [Int], p: Double = 2, strides: [Int]? = nil, padding: [Int]? = nil,
    dilations: [Int]? = nil, roundingUp: Bool = false
  ) -> Tensor {
    require(p >= 1, "powerPooled: p is \(p); what is below 1 is no norm, give 1 or more")
    requireFloatingPoint("powerPooled")
    let windows = Windows(
      window, strides: strides ?? window, padding: padding, dilations: dilations, "powerPooled")
    let powers = p == 1 ? magnitude() : p == 2 ? squared() : magnitude().power(p)
    let sums = AveragePooling(windows: windows, roundsUp: roundingUp, divisor: .one)(powers)
    return p == 1 ? sums : p == 2 ? sums.rootOfSquares() : sums.rootOfPowers(p)
  }
}
