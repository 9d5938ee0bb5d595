extension Tensor {
  /// Returns the p-norm of each window.
  ///
  ///     x: [N, C, A…]   →   [N, C, B…]
  ///
  /// (Σ|x|ᵖ)^(1/p), with one to three spatial axes; padding is 0. Pullback: x̄ = Σ ȳ·sign x·(|x|/y)ᵖ⁻¹ over the
  /// windows that hold x; 0 where y is 0. For p = ∞ the largest magnitude.
  ///
  /// Powers are in float64, and of shares of the largest element of their channel: those of float32 neither overflow nor
  /// vanish for p up to 3.
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
    return speaking(as: "powerPooled") {
      powers(window, p, strides, padding, dilations, roundingUp)
    }
  }

  /// The p-norms of windows.
  private func powers(
    _ window: [Int], _ p: Double, _ strides: [Int]?, _ padding: [Int]?, _ dilations: [Int]?,
    _ roundingUp: Bool
  ) -> Tensor {
    let windows = Windows(
      window, strides: strides ?? window, padding: padding, dilations: dilations, "powerPooled")
    if p == .infinity {
      return MaxPooling(windows: windows, roundsUp: roundingUp).outputs(of: [magnitude()])[0]
    }
    let pooling = AveragePooling(windows: windows, roundsUp: roundingUp, divisor: .one)
    if p == 1 { return pooling(magnitude()) }
    let x = cast(to: .float64)
    // A square of float32 needs no unit.
    let unit =
      dtype == .float32 && p == 2
      ? nil : x.largestMagnitude(over: Array(shape.indices.dropFirst(2)))
    let shares = unit.map { x / $0 } ?? x
    let powers = p == 2 ? shares.squared() : shares.magnitude().power(p)
    let roots = p == 2 ? pooling(powers).rootOfSquares() : pooling(powers).rootOfPowers(p)
    return (unit.map { roots * $0 } ?? roots).cast(to: dtype)
  }
}
