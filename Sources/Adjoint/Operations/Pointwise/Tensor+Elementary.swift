// More functions of numbers, element by element.

extension Tensor {
  /// Returns the tangent of angles in radians. Pullback: x̄ = ȳ·(1 + y²).
  public func tan() -> Tensor { Unary<Tangent>()(self) }
  /// Returns the angles in radians that have these sines; NaN beyond ±1. Pullback: x̄ = ȳ/√(1 − x²).
  public func asin() -> Tensor { Unary<ArcSine>()(self) }
  /// Returns the angles in radians that have these cosines; NaN beyond ±1. Pullback: x̄ = −ȳ/√(1 − x²).
  public func acos() -> Tensor { Unary<ArcCosine>()(self) }
  /// Returns the angles in radians that have these tangents. Pullback: x̄ = ȳ/(1 + x²).
  public func atan() -> Tensor { Unary<ArcTangent>()(self) }
  /// Returns the inverse of the hyperbolic sine. Pullback: x̄ = ȳ/√(1 + x²).
  public func asinh() -> Tensor { Unary<AreaSine>()(self) }
  /// Returns the inverse of the hyperbolic cosine; NaN below 1. Pullback: x̄ = ȳ/√(x² − 1).
  public func acosh() -> Tensor { Unary<AreaCosine>()(self) }
  /// Returns the inverse of the hyperbolic tangent; NaN beyond ±1. Pullback: x̄ = ȳ/(1 − x²).
  public func atanh() -> Tensor { Unary<AreaTangent>()(self) }
  /// Returns the logarithm to base 2. Pullback: x̄ = ȳ/(x·log 2).
  public func log2() -> Tensor { Unary<LogarithmToBase2>()(self) }
  /// Returns the logarithm to base 10. Pullback: x̄ = ȳ/(x·log 10).
  public func log10() -> Tensor { Unary<LogarithmToBase10>()(self) }
  /// Returns 2ˣ. Pullback: x̄ = ȳ·y·log 2.
  public func exp2() -> Tensor { Unary<PowerOfTwo>()(self) }
  /// Returns ∛x, negative where x is. Pullback: x̄ = ȳ/(3y²).
  public func cubeRoot() -> Tensor { Unary<CubeRoot>()(self) }

  /// Returns the nearest whole number, the even one of two that are as near; integers as they are. Pullback: x̄ = 0.
  public func rounded() -> Tensor { dtype == .int32 ? self : Unary<RoundToNearest>()(self) }
  /// Returns the largest whole number that is not above; integers as they are. Pullback: x̄ = 0.
  public func floor() -> Tensor { dtype == .int32 ? self : Unary<RoundDown>()(self) }
  /// Returns the least whole number that is not below; integers as they are. Pullback: x̄ = 0.
  public func ceil() -> Tensor { dtype == .int32 ? self : Unary<RoundUp>()(self) }
  /// Returns the number without its fraction; integers as they are. Pullback: x̄ = 0.
  public func truncated() -> Tensor { dtype == .int32 ? self : Unary<RoundTowardZero>()(self) }

  /// Returns the angles in radians of points (x, y), from −π to π; operands are broadcast.
  ///
  /// Pullback: ȳ = g·x/(x² + y²), x̄ = −g·y/(x² + y²) for the cotangent g; 0 at the origin.
  public static func atan2(_ y: Tensor, _ x: Tensor) -> Tensor {
    Binary<ArcTangentOfRatio>().broadcasting(y, x)
  }

  /// Returns a − b·⌊a/b⌋, the remainder that has the sign of b, exactly; operands are broadcast.
  ///
  /// Pullback: ā = ȳ, b̄ = −ȳ·⌊a/b⌋.
  /// - Precondition: no divisor that is an integer is 0.
  public func remainder(dividingBy divisor: Tensor) -> Tensor {
    Binary<Remainder>().broadcasting(self, divisor)
  }

  /// Returns a − b·⌊a/b⌋, the remainder that has the sign of b, exactly. Pullback: ā = ȳ.
  public func remainder(dividingBy divisor: Double) -> Tensor {
    remainder(dividingBy: scalar(divisor, "remainder"))
  }

  /// Returns the quotient of integers, rounded towards 0; operands are broadcast.
  /// - Precondition: both are int32, and the divisor is not 0.
  public func quotient(dividingBy divisor: Tensor) -> Tensor {
    require(
      dtype == .int32 && divisor.dtype == .int32,
      "quotient: \(type) and \(divisor.type) are not int32; divide real numbers with /")
    return Binary<Quotient>().broadcasting(self, divisor)
  }

  /// Returns log(eᵃ + eᵇ) without overflow; operands are broadcast.
  ///
  /// Pullback: ā = g·eᵃ⁻ʸ, b̄ = g·eᵇ⁻ʸ for the cotangent g.
  public static func logAddExp(_ a: Tensor, _ b: Tensor) -> Tensor {
    speaking(as: "logAddExp") { pairs(a, b, "logAddExp").logSumExp(over: -1) }
  }

  /// Returns √(a² + b²), without overflow; operands are broadcast.
  ///
  /// Pullback: ā = g·a/y, b̄ = g·b/y for the cotangent g; 0 where y is.
  public static func hypot(_ a: Tensor, _ b: Tensor) -> Tensor {
    speaking(as: "hypot") { pairs(a, b, "hypot").norm(over: -1) }
  }

  /// The elements of two tensors side by side, along an axis that comes last.
  private static func pairs(_ a: Tensor, _ b: Tensor, _ operation: String) -> Tensor {
    let operands = aligned([a, b], operation)
    require(
      operands[0].dtype == operands[1].dtype,
      "\(operation): \(a.type) and \(b.type) differ in element type; cast one of them")
    return stacked(operands, at: -1)
  }

  /// Whether each element is not a number, as bool; no integer is.
  public var isNaN: Tensor { self .!= self }
  /// Whether each element is a number, and not infinite, as bool; all integers are.
  public var isFinite: Tensor {
    dtype.isFloatingPoint ? magnitude() .< .infinity : .ones(shape, dtype: .bool)
  }
  /// Whether each element is ∞ or −∞, as bool; no integer is.
  public var isInfinite: Tensor {
    dtype.isFloatingPoint ? magnitude() .== .infinity : .zeros(shape, dtype: .bool)
  }
}
