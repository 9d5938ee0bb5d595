// The table of functions that networks have between their layers, as UnaryFunctions.swift has the elementary ones.

internal import AdjointKernels

/// log(1 + eˣ) = max(x, 0) + log1p(e^−|x|), which does not overflow.
enum Softplus: SlopedFunction {
  static let name = "softplus"
  static let (instruction, pullbackInstruction) = (adjointSoftplus, adjointSoftplusPullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    (x < 0 ? 0 : x) + .log1p(.exp(-x.magnitude))
  }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar { Sigmoid.value(x) }
  static func slope(_ x: Tensor) -> Tensor { x.sigmoid() }
  static let hardCases = [0.0, 700]
}

/// x/(1 + |x|); ±1 at ±∞.
enum Softsign: SlopedFunction {
  static let name = "softsign"
  static let (instruction, pullbackInstruction) = (adjointSoftsign, adjointSoftsignPullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    x.isInfinite ? (x < 0 ? -1 : 1) : x / (1 + x.magnitude)
  }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    1 / ((1 + x.magnitude) * (1 + x.magnitude))
  }
  static func slope(_ x: Tensor) -> Tensor { (1 + x.magnitude()).reciprocal().squared() }
}

/// max(x, 0). The slope at 0 is taken as 0, as everywhere: zeros then stay without influence.
enum RectifiedLinear: SlopedFunction {
  static let name = "relu"
  static let (instruction, pullbackInstruction) = (
    adjointRectifiedLinear, adjointRectifiedLinearPullback
  )
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x < 0 ? 0 : x }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x > 0 ? 1 : 0 }
  static func slope(_ x: Tensor) -> Tensor { (x .> 0).cast(to: x.dtype) }
  static let isPiecewiseLinear = true
  static let kinks = [0.0]
}

/// x·Φ(x) with Φ the distribution function of the normal distribution, ½·erfc(−x/√2): exact in the
/// tail.
///
/// Source: Hendrycks & Gimpel, "Gaussian error linear units" (2016).
enum GaussianErrorLinear: SlopedFunction {
  static let name = "gelu"
  static let (instruction, pullbackInstruction) = (
    adjointGaussianErrorLinear, adjointGaussianErrorLinearPullback
  )
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    x == -.infinity ? 0 : x * distribution(x)
  }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    let density = Scalar.exp(x * x * (-0.5 as Scalar)) / Scalar(2 * Double.pi).squareRoot()
    return distribution(x) + (density == 0 ? 0 : x * density)
  }
  static func slope(_ x: Tensor) -> Tensor {
    // Beyond ±40 the density is 0 in float64, too: the slope and all of its derivatives stay what they are.
    let x = x.clamped(to: -40...40)
    let distribution = (x * -0.5.squareRoot()).erfc() * 0.5
    let density = (x.squared() * -0.5).exp() / (2 * Double.pi).squareRoot()
    return distribution + density.scaled(by: x)
  }
  private static func distribution<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    (0.5 as Scalar) * .erfc(-x * Scalar(0.5).squareRoot())
  }
  static let hardCases = [0.0, -6]
}

/// The approximation x·sigmoid(u) of x·Φ(x), with u = 2·√(2/π)·(x + 0.044715·x³), within 5e−4 of it.
///
/// The same as ½x·(1 + tanh ½u), but exact in the tail, where that cancels.
///
/// Source: Hendrycks & Gimpel, "Gaussian error linear units" (2016), §2.
enum GaussianErrorLinearByTanh: SlopedFunction {
  static let name = "geluTanh"
  static let (instruction, pullbackInstruction) = (
    adjointGaussianErrorLinearByTanh, adjointGaussianErrorLinearByTanhPullback
  )
  private static let cubic = 0.044715
  private static let factor = 2 * (2 / Double.pi).squareRoot()
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    x == -.infinity ? 0 : x * Sigmoid.value(argument(x))
  }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    let (u, sigmoidSlope) = (argument(x), Sigmoid.slope(argument(x)))
    let slope = (x * x * Scalar(3 * cubic) + 1) * Scalar(factor)
    return Sigmoid.value(u) + (sigmoidSlope == 0 ? 0 : x * sigmoidSlope * slope)
  }
  static func slope(_ x: Tensor) -> Tensor {
    // Beyond ±40 it is 0 or 1 in float64, too, and all of its derivatives are 0.
    let x = x.clamped(to: -40...40)
    let u = (x + x * x.squared() * cubic) * factor
    let slope = (x.squared() * (3 * cubic) + 1) * factor
    let sigmoidSlope = u.sigmoid() * (-u).sigmoid()
    return u.sigmoid() + sigmoidSlope.scaled(by: x * slope)
  }
  private static func argument<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    Scalar(factor) * (x + Scalar(cubic) * x * x * x)
  }
  static let hardCases = [0.0, -6]
}

/// x·sigmoid(x).
enum SigmoidLinear: SlopedFunction {
  static let name = "silu"
  static let (instruction, pullbackInstruction) = (
    adjointSigmoidLinear, adjointSigmoidLinearPullback
  )
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    x == -.infinity ? 0 : x * Sigmoid.value(x)
  }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    let slope = Sigmoid.slope(x)
    return Sigmoid.value(x) + (slope == 0 ? 0 : x * slope)
  }
  static func slope(_ x: Tensor) -> Tensor {
    // Beyond ±800 it is 0 or 1 in float64, too, and all of its derivatives are 0.
    let x = x.clamped(to: -800...800)
    return x.sigmoid() + (x.sigmoid() * (-x).sigmoid()).scaled(by: x)
  }
  static let hardCases = [0.0]
}

/// x·tanh(log(1 + eˣ)), which with e = e^−|x| is a quotient: x·(1 + 2e)/(1 + 2e + 2e²), or x·e·(2 + e)/(2 + 2e + e²)
/// where x is negative.
///
/// Source: Misra, "Mish: a self regularized non-monotonic activation function" (2019).
enum Mish: SlopedFunction {
  static let name = "mish"
  static let (instruction, pullbackInstruction) = (adjointMish, adjointMishPullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    let e = Scalar.exp(-x.magnitude)
    if x < 0 { return e == 0 ? 0 : x * e * (e + 2) / ((e + 2) * e + 2) }
    return x * ((1 + e + e) / (1 + e + e + (e + e) * e))
  }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    let w = Softplus.value(x)
    let product = Sigmoid.value(x) * HyperbolicTangent.slope(w)
    return .tanh(w) + (product == 0 ? 0 : x * product)
  }
  static func slope(_ x: Tensor) -> Tensor {
    // Beyond ±800 it is 0 or 1 in float64, too, and all of its derivatives are 0.
    let x = x.clamped(to: -800...800)
    let w = x.softplus()
    return w.tanh() + (x.sigmoid() * HyperbolicTangent.slope(w)).scaled(by: x)
  }
  static let hardCases = [0.0, -6]
}
