extension Tensor {
  /// Returns 1/x. Pullback: x̄ = −ȳ·y².
  public func reciprocal() -> Tensor { Unary<Reciprocal>()(self) }
  /// Returns √x; NaN below 0. Pullback: x̄ = ȳ/(2y).
  public func squareRoot() -> Tensor { Unary<SquareRoot>()(self) }
  /// Returns 1/√x, from the correctly rounded root. Pullback: x̄ = −½·ȳ·y³.
  public func rsqrt() -> Tensor { Unary<ReciprocalSquareRoot>()(self) }
  /// Returns x², of integers too if that fits. Pullback: x̄ = 2·ȳ·x.
  public func squared() -> Tensor { ofIntegers(.square) ?? Unary<Square>()(self) }
  /// Returns eˣ. Pullback: x̄ = ȳ·y.
  public func exp() -> Tensor { Unary<Exponential>()(self) }
  /// Returns eˣ − 1, exact near 0. Pullback: x̄ = ȳ·eˣ.
  public func expm1() -> Tensor { Unary<ExponentialMinusOne>()(self) }
  /// Returns the natural logarithm. Pullback: x̄ = ȳ/x.
  public func log() -> Tensor { Unary<NaturalLogarithm>()(self) }
  /// Returns log(1 + x), exact near 0. Pullback: x̄ = ȳ/(1 + x).
  public func log1p() -> Tensor { Unary<LogarithmOfOnePlus>()(self) }
  /// Returns the sine of angles in radians. Pullback: x̄ = ȳ·cos x.
  public func sin() -> Tensor { Unary<Sine>()(self) }
  /// Returns the cosine of angles in radians. Pullback: x̄ = −ȳ·sin x.
  public func cos() -> Tensor { Unary<Cosine>()(self) }
  /// Returns the hyperbolic sine. Pullback: x̄ = ȳ·cosh x.
  public func sinh() -> Tensor { Unary<HyperbolicSine>()(self) }
  /// Returns the hyperbolic cosine. Pullback: x̄ = ȳ·sinh x.
  public func cosh() -> Tensor { Unary<HyperbolicCosine>()(self) }
  /// Returns the hyperbolic tangent. Pullback: x̄ = ȳ·(1 − y²).
  public func tanh() -> Tensor { Unary<HyperbolicTangent>()(self) }
  /// Returns 1/(1 + e⁻ˣ) without overflow. Pullback: x̄ = ȳ·y·(1 − y).
  public func sigmoid() -> Tensor { Unary<Sigmoid>()(self) }
  /// Returns log(1 + eˣ) without overflow. Pullback: x̄ = ȳ·sigmoid x.
  public func softplus() -> Tensor { Unary<Softplus>()(self) }
  /// Returns x/(1 + |x|). Pullback: x̄ = ȳ/(1 + |x|)².
  public func softsign() -> Tensor { Unary<Softsign>()(self) }
  /// Returns max(x, 0). Pullback: x̄ = ȳ where x > 0, else 0, at 0 too.
  public func relu() -> Tensor { Unary<RectifiedLinear>()(self) }
  /// Returns x·sigmoid(x). Pullback: x̄ = ȳ·(s + y·(1 − s)) with s = sigmoid x.
  public func silu() -> Tensor { Unary<SigmoidLinear>()(self) }
  /// Returns |x|, of integers too if that fits. Pullback: x̄ = ȳ·sign x, 0 at 0.
  public func magnitude() -> Tensor { ofIntegers(.magnitude) ?? Unary<Magnitude>()(self) }
  /// Returns −1, 0 or 1, of integers too. Pullback: x̄ = 0.
  public func sign() -> Tensor { ofIntegers(.sign) ?? Unary<Sign>()(self) }
  /// Returns the error function, 2/√π · ∫₀ˣ e^(−t²) dt. Pullback: x̄ = ȳ·2/√π·e^(−x²).
  public func erf() -> Tensor { Unary<ErrorFunction>()(self) }
  /// Returns 1 − erf(x), exact for large x. Pullback: x̄ = −ȳ·2/√π·e^(−x²).
  public func erfc() -> Tensor { Unary<ComplementaryErrorFunction>()(self) }

  /// Returns x·Φ(x), Φ the normal distribution function, or its usual approximation by tanh.
  ///
  /// Pullback: x̄ = ȳ·(Φ(x) + x·φ(x)), φ the density; for the approximation, its own derivative.
  public func gelu(approximate: Bool = false) -> Tensor {
    approximate ? Unary<GaussianErrorLinearByTanh>()(self) : Unary<GaussianErrorLinear>()(self)
  }

  /// Returns x where it is positive, slope · x elsewhere. Pullback: x̄ = ȳ, or slope · ȳ, at 0 too.
  public func leakyRelu(slope: Double = 0.01) -> Tensor {
    requireFloatingPoint("leakyRelu")
    requireNumber(slope, "leakyRelu: the slope")
    return Binary<LeakyRectifiedLinear>().broadcasting(self, scalar(slope))
  }

  /// Returns x where it is positive, α·(eˣ − 1) elsewhere. Pullback: x̄ = ȳ, or α·ȳ·eˣ, at 0 too.
  public func elu(alpha: Double = 1) -> Tensor {
    requireFloatingPoint("elu")
    requireNumber(alpha, "elu: α")
    return Binary<ExponentialLinear>().broadcasting(self, scalar(alpha))
  }

  /// Returns xᵖ; NaN for x < 0 unless p is an integer.
  ///
  /// Pullback: x̄ = ȳ·p·xᵖ⁻¹, 0 where p is 0; p̄ = ȳ·y·log x, 0 where x is 0.
  public func power(_ exponent: Tensor) -> Tensor { Binary<Power>().broadcasting(self, exponent) }

  /// Returns xᵖ; NaN for x < 0 unless p is an integer. Pullback: x̄ = ȳ·p·xᵖ⁻¹.
  public func power(_ exponent: Double) -> Tensor {
    requireFloatingPoint("power")
    // A number that the type does not hold is no ∞, which times 0 is unknown.
    let most = dtype == .float32 ? Double(Float.greatestFiniteMagnitude) : exponent.magnitude
    let held = exponent.isFinite ? Swift.min(Swift.max(exponent, -most), most) : exponent
    return power(scalar(held))
  }

  /// Returns xᵖ. Pullback: x̄ = ȳ·p·xᵖ⁻¹, 0 where p is 0.
  public func power(_ exponent: Int) -> Tensor { power(Double(exponent)) }

  /// Returns the larger of two elements; NaN if one is. Equal ones get half of the cotangent each.
  public static func maximum(_ a: Tensor, _ b: Tensor) -> Tensor {
    Binary<Maximum>().broadcasting(a, b)
  }

  /// Returns the larger of an element and a number; NaN if the element is. Pullback: x̄ = ȳ where x is
  /// larger, half of it where they are equal, else 0.
  public static func maximum(_ a: Tensor, _ b: Double) -> Tensor {
    maximum(a, a.scalar(b, "maximum"))
  }

  /// Returns the smaller of an element and a number; NaN if the element is. Pullback: as for the larger one.
  public static func minimum(_ a: Tensor, _ b: Double) -> Tensor {
    minimum(a, a.scalar(b, "minimum"))
  }

  /// Returns the smaller of two elements; NaN if one is. Equal ones get half of the cotangent each.
  public static func minimum(_ a: Tensor, _ b: Tensor) -> Tensor {
    Binary<Minimum>().broadcasting(a, b)
  }
}

// For pullbacks.
extension Tensor {
  /// Returns this cotangent times a derivative, and 0 where the cotangent is 0, even if the derivative is
  /// infinite or NaN: what has no influence gets no gradient.
  ///
  /// Broadcast, and linear in both: the pullbacks are of the same kind.
  public func scaled(by derivative: Tensor) -> Tensor {
    Binary<AbsorbingMultiply>().broadcasting(self, derivative)
  }

  /// Returns this cotangent times another, and 0 where one of them is 0, even if the other is infinite or
  /// NaN.
  func scaledOrZero(by other: Tensor) -> Tensor {
    Binary<MutuallyAbsorbingMultiply>().broadcasting(self, other)
  }

  /// Returns this cotangent divided, and 0 where it is 0, even if the divisor is 0, infinite or NaN.
  public func divided(by divisor: Tensor) -> Tensor {
    Binary<AbsorbingDivide>().broadcasting(self, divisor)
  }
}

extension Tensor {
  /// Returns −x, of integers too if that fits. Pullback: x̄ = −ȳ.
  public static prefix func - (x: Tensor) -> Tensor { x.ofIntegers(.negate) ?? Unary<Negate>()(x) }

  /// Returns a + b; operands are broadcast. Pullback: ā = ȳ, b̄ = ȳ.
  public static func + (a: Tensor, b: Tensor) -> Tensor { Binary<Add>().broadcasting(a, b) }
  /// Returns a − b; operands are broadcast. Pullback: ā = ȳ, b̄ = −ȳ.
  public static func - (a: Tensor, b: Tensor) -> Tensor { Binary<Subtract>().broadcasting(a, b) }
  /// Returns a · b; operands are broadcast. Pullback: ā = ȳ·b, b̄ = ȳ·a, 0 where ȳ is 0.
  public static func * (a: Tensor, b: Tensor) -> Tensor { Binary<Multiply>().broadcasting(a, b) }
  /// Returns a/b; operands are broadcast. Pullback: ā = ȳ/b, b̄ = −ȳ·y/b, 0 where ȳ is 0.
  public static func / (a: Tensor, b: Tensor) -> Tensor { Binary<Divide>().broadcasting(a, b) }

  /// Adds to the tensor; its old value stays on the tape if it was there.
  public static func += (a: inout Tensor, b: Tensor) { a = a + b }
  /// Subtracts from the tensor.
  public static func -= (a: inout Tensor, b: Tensor) { a = a - b }
  /// Multiplies the tensor.
  public static func *= (a: inout Tensor, b: Tensor) { a = a * b }
  /// Divides the tensor.
  public static func /= (a: inout Tensor, b: Tensor) { a = a / b }
}

/// Stops at a parameter of a function that is NaN.
func requireNumber(_ value: Double, _ what: @autoclosure () -> String) {
  require(!value.isNaN, "\(what()) is \(value); give a number")
}
