// The table of functions of one number: name, kernel in C, formula, derivative, domain, hard cases.
//
// Longer than 250 lines: a table, a few lines for each function.

internal import AdjointKernels

enum Negate: UnaryFunction {
  static let name = "negate"
  static let vectorized: VectorizedUnary? = VectorizedUnary(adjointNegate)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { -x }
  static let reads = Reads.nothing
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { -g }
}

enum Reciprocal: UnaryFunction {
  static let name = "reciprocal"
  static let vectorized: VectorizedUnary? = VectorizedUnary(adjointReciprocal)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { 1 / x }
  static let reads = Reads.outputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { -g * y.squared() }
  static let domain = 0.5...3.0
  static let hardCases = [-2.0, 1e-6, 1e6]
}

enum SquareRoot: UnaryFunction {
  static let name = "sqrt"
  static let vectorized: VectorizedUnary? = VectorizedUnary(adjointSquareRoot)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x.squareRoot() }
  static let reads = Reads.outputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { g * 0.5 / y }
  static let domain = 0.5...3.0
  static let hardCases = [1e-6, 1e6]
}

/// 1/√x as two operations, each correctly rounded.
enum ReciprocalSquareRoot: UnaryFunction {
  static let name = "rsqrt"
  static let vectorized: VectorizedUnary? = VectorizedUnary(adjointReciprocalSquareRoot)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { 1 / x.squareRoot() }
  static let reads = Reads.outputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { g * -0.5 * y * y * y }
  static let domain = 0.5...3.0
  static let hardCases = [1e-6, 1e6]
}

enum Square: UnaryFunction {
  static let name = "square"
  static let vectorized: VectorizedUnary? = VectorizedUnary(adjointSquare)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x * x }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { g * 2 * x }
  static let hardCases = [0.0]
}

enum Exponential: UnaryFunction {
  static let name = "exp"
  static let vectorized: VectorizedUnary? = VectorizedUnary(adjointExponential)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .exp(x) }
  static let reads = Reads.outputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { g * y }
  static let hardCases = [-50.0, 50]
}

enum ExponentialMinusOne: UnaryFunction {
  static let name = "expm1"
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .expm1(x) }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { g * x.exp() }
  static let hardCases = [0, 1e-9]
}

enum NaturalLogarithm: UnaryFunction {
  static let name = "log"
  static let vectorized: VectorizedUnary? = VectorizedUnary(adjointLogarithm)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .log(x) }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { g / x }
  static let domain = 0.5...3.0
  static let hardCases = [1e-6, 1e6]
}

enum LogarithmOfOnePlus: UnaryFunction {
  static let name = "log1p"
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .log1p(x) }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { g / (x + 1) }
  static let domain = -0.5...3.0
  static let hardCases = [0, 1e-9]
}

enum Sine: UnaryFunction {
  static let name = "sin"
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .sin(x) }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { g * x.cos() }
}

enum Cosine: UnaryFunction {
  static let name = "cos"
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .cos(x) }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { -g * x.sin() }
}

enum HyperbolicSine: UnaryFunction {
  static let name = "sinh"
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .sinh(x) }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { g * x.cosh() }
}

enum HyperbolicCosine: UnaryFunction {
  static let name = "cosh"
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .cosh(x) }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { g * x.sinh() }
}

enum HyperbolicTangent: UnaryFunction {
  static let name = "tanh"
  static let vectorized: VectorizedUnary? = VectorizedUnary(adjointTanh)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .tanh(x) }
  static let reads = Reads.outputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? {
    Binary<HyperbolicTangentGradient>()(g, y)
  }
}

/// 1/(1 + e⁻ˣ), by way of the exponential that does not overflow.
enum Sigmoid: UnaryFunction {
  static let name = "sigmoid"
  static let vectorized: VectorizedUnary? = VectorizedUnary(adjointSigmoid)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    let decay = Scalar.exp(-x.magnitude)
    return (x < 0 ? decay : 1) / (1 + decay)
  }
  static let reads = Reads.outputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? {
    Binary<SigmoidGradient>()(g, y)
  }
  static let hardCases = [-50.0, 50]
}

/// log(1 + eˣ) = max(x, 0) + log1p(e^−|x|), which does not overflow.
enum Softplus: UnaryFunction {
  static let name = "softplus"
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    (x < 0 ? 0 : x) + .log1p(.exp(-x.magnitude))
  }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { g * x.sigmoid() }
  static let hardCases = [0.0, 700]
}

/// x/(1 + |x|).
enum Softsign: UnaryFunction {
  static let name = "softsign"
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x / (1 + x.magnitude) }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? {
    g / (1 + x.magnitude()).squared()
  }
}

/// max(x, 0). The slope at 0 is taken as 0, as everywhere: zeros then stay without influence.
enum RectifiedLinear: UnaryFunction {
  static let name = "relu"
  static let vectorized: VectorizedUnary? = VectorizedUnary(adjointRectified)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x < 0 ? 0 : x }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? {
    Binary<RectifiedLinearGradient>()(g, x)
  }
  static let kinks = [0.0]
}

/// x·Φ(x) with Φ the distribution function of the normal distribution, ½·erfc(−x/√2): exact in the
/// tail.
///
/// Source: Hendrycks & Gimpel, "Gaussian error linear units" (2016).
enum GaussianErrorLinear: UnaryFunction {
  static let name = "gelu"
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    x * (0.5 as Scalar) * .erfc(-x * Scalar(0.5).squareRoot())
  }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? {
    let distribution = (x * -0.5.squareRoot()).erfc() * 0.5
    let density = (x.squared() * -0.5).exp() / (2 * Double.pi).squareRoot()
    return g * (distribution + x * density)
  }
  static let hardCases = [0.0, -6]
}

/// The approximation x·sigmoid(2u) of x·Φ(x), with u = √(2/π)·(x + 0.044715·x³), within 5e−4 of it.
///
/// The same as ½x·(1 + tanh u), but exact in the tail, where that cancels.
///
/// Source: Hendrycks & Gimpel, "Gaussian error linear units" (2016), §2.
enum GaussianErrorLinearByTanh: UnaryFunction {
  static let name = "geluTanh"
  static let vectorized: VectorizedUnary? = VectorizedUnary(adjointGeluByTanh)
  static let cubic = 0.044715
  static let factor = 2 * (2 / Double.pi).squareRoot()
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    x * Sigmoid.value(Scalar(factor) * (x + Scalar(cubic) * x * x * x))
  }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? {
    Binary<GaussianErrorLinearByTanhGradient>()(g, x)
  }
  static let hardCases = [0.0, -6]
}

/// x·sigmoid(x).
enum SigmoidLinear: UnaryFunction {
  static let name = "silu"
  static let vectorized: VectorizedUnary? = VectorizedUnary(adjointSigmoidLinear)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x * Sigmoid.value(x) }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? {
    Binary<SigmoidLinearGradient>()(g, x)
  }
  static let hardCases = [0.0]
}

/// |x|. The slope at 0 is taken as 0, the middle of −1 and 1.
enum Magnitude: UnaryFunction {
  static let name = "abs"
  static let vectorized: VectorizedUnary? = VectorizedUnary(adjointMagnitude)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x.magnitude }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { g * x.sign() }
  static let kinks = [0.0]
}

/// −1, 0 or 1. The slope is 0, at the step too.
enum Sign: UnaryFunction {
  static let name = "sign"
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x > 0 ? 1 : x < 0 ? -1 : x }
  static let reads = Reads.nothing
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { nil }
  static let kinks = [0.0]
}

enum ErrorFunction: UnaryFunction {
  static let name = "erf"
  static let vectorized: VectorizedUnary? = VectorizedUnary(adjointErrorFunction)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .erf(x) }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? {
    g * (-x.squared()).exp() * (2 / Double.pi.squareRoot())
  }
  static let hardCases = [0.0]
}

enum ComplementaryErrorFunction: UnaryFunction {
  static let name = "erfc"
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .erfc(x) }
  static let reads = Reads.inputs(0)
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? {
    g * (-x.squared()).exp() * (-2 / Double.pi.squareRoot())
  }
  static let hardCases = [6.0]
}
