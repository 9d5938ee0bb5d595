// The table of functions of one number: name, instruction of the kernels in C, formula, slope with its own
// instruction, domain, hard cases. The slope is a function of x, or of y where `reads` says so.

internal import AdjointKernels

enum Negate: CompiledUnaryFunction, LinearFunction {
  static let name = "negate"
  static let linearity = Linearity.joint
  static let instruction = adjointNegate
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { -x }
  static let reads = Reads.nothing
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { -g }
}

enum Reciprocal: SlopedFunction {
  static let name = "reciprocal"
  static let (instruction, pullbackInstruction) = (adjointReciprocal, adjointReciprocalPullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { 1 / x }
  static let reads = Reads.outputs(0)
  static func slope<Scalar: RealScalar>(_ y: Scalar) -> Scalar { -(y * y) }
  static func slope(_ y: Tensor) -> Tensor { -y.squared() }
  static func product<Scalar: RealScalar>(_ g: Scalar, slopeAt y: Scalar) -> Scalar { -(g * y) * y }
  static func product(_ g: Tensor, slopeAt y: Tensor) -> Tensor {
    (-g).scaled(by: y).scaled(by: y)
  }
  static let domain = 0.5...3.0
  static let hardCases = [-2.0, 1e-6, 1e6]
}

enum SquareRoot: SlopedFunction {
  static let name = "sqrt"
  static let (instruction, pullbackInstruction) = (adjointSquareRoot, adjointSquareRootPullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x.squareRoot() }
  static let reads = Reads.outputs(0)
  static func slope<Scalar: RealScalar>(_ y: Scalar) -> Scalar { (0.5 as Scalar) / y }
  static func slope(_ y: Tensor) -> Tensor { 0.5 / y }
  static let domain = 0.5...3.0
  static let hardCases = [1e-6, 1e6]
}

/// √x of a sum of squares: a norm, whose derivative where it is 0 is taken as 0, one of its subgradients.
enum RootOfSquares: SlopedFunction {
  static let name = "rootOfSquares"
  static let (instruction, pullbackInstruction) = (adjointSquareRoot, adjointRootOfSquaresPullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x.squareRoot() }
  static let reads = Reads.outputs(0)
  static func slope<Scalar: RealScalar>(_ y: Scalar) -> Scalar {
    y == 0 ? 0 : (0.5 as Scalar) / y
  }
  static func slope(_ y: Tensor) -> Tensor {
    let isThere = y .!= 0
    let slope = 0.5 / y.select(where: isThere, otherwise: y.scalar(1))
    return slope.select(where: isThere, otherwise: y.scalar(0))
  }
  static let domain = 0.5...3.0
  static let hardCases = [1e-6, 1e6]
  static let kinks = [0.0]
}

/// 1/√x as two operations, each correctly rounded.
enum ReciprocalSquareRoot: SlopedFunction {
  static let name = "rsqrt"
  static let (instruction, pullbackInstruction) = (
    adjointReciprocalSquareRoot, adjointReciprocalSquareRootPullback
  )
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { 1 / x.squareRoot() }
  static let reads = Reads.outputs(0)
  static func slope<Scalar: RealScalar>(_ y: Scalar) -> Scalar { (-0.5 as Scalar) * y * y * y }
  static func slope(_ y: Tensor) -> Tensor { y * -0.5 * y * y }
  static func product<Scalar: RealScalar>(_ g: Scalar, slopeAt y: Scalar) -> Scalar {
    (-0.5 as Scalar) * g * y * y * y
  }
  static func product(_ g: Tensor, slopeAt y: Tensor) -> Tensor {
    (g * -0.5).scaled(by: y).scaled(by: y).scaled(by: y)
  }
  static let domain = 0.5...3.0
  static let hardCases = [1e-6, 1e6]
}

enum Square: SlopedFunction {
  static let name = "square"
  static let (instruction, pullbackInstruction) = (adjointSquare, adjointSquarePullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x * x }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x + x }
  static func slope(_ x: Tensor) -> Tensor { x * 2 }
  static let hardCases = [0.0]
}

enum Exponential: SlopedFunction {
  static let name = "exp"
  static let (instruction, pullbackInstruction) = (adjointExponential, adjointAbsorbingMultiply)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .exp(x) }
  static let reads = Reads.outputs(0)
  static func slope<Scalar: RealScalar>(_ y: Scalar) -> Scalar { y }
  static func slope(_ y: Tensor) -> Tensor { y }
  static let hardCases = [-50.0, 50]
}

enum ExponentialMinusOne: SlopedFunction {
  static let name = "expm1"
  static let (instruction, pullbackInstruction) = (
    adjointExponentialMinusOne, adjointExponentialMinusOnePullback
  )
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .expm1(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .exp(x) }
  static func slope(_ x: Tensor) -> Tensor { x.exp() }
  static let hardCases = [0, 1e-9]
}

enum NaturalLogarithm: SlopedFunction {
  static let name = "log"
  static let (instruction, pullbackInstruction) = (adjointLogarithm, adjointLogarithmPullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .log(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar { 1 / x }
  static func slope(_ x: Tensor) -> Tensor { x.reciprocal() }
  static let domain = 0.5...3.0
  static let hardCases = [1e-6, 1e6]
}

enum LogarithmOfOnePlus: SlopedFunction {
  static let name = "log1p"
  static let (instruction, pullbackInstruction) = (
    adjointLogarithmOfOnePlus, adjointLogarithmOfOnePlusPullback
  )
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .log1p(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar { 1 / (1 + x) }
  static func slope(_ x: Tensor) -> Tensor { (x + 1).reciprocal() }
  static let domain = -0.5...3.0
  static let hardCases = [0, 1e-9]
}

enum Sine: SlopedFunction {
  static let name = "sin"
  static let (instruction, pullbackInstruction) = (adjointSine, adjointSinePullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .sin(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .cos(x) }
  static func slope(_ x: Tensor) -> Tensor { x.cos() }
}

enum Cosine: SlopedFunction {
  static let name = "cos"
  static let (instruction, pullbackInstruction) = (adjointCosine, adjointCosinePullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .cos(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar { -.sin(x) }
  static func slope(_ x: Tensor) -> Tensor { -x.sin() }
}

enum HyperbolicSine: SlopedFunction {
  static let name = "sinh"
  static let (instruction, pullbackInstruction) = (
    adjointHyperbolicSine, adjointHyperbolicSinePullback
  )
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .sinh(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .cosh(x) }
  static func slope(_ x: Tensor) -> Tensor { x.cosh() }
}

enum HyperbolicCosine: SlopedFunction {
  static let name = "cosh"
  static let (instruction, pullbackInstruction) = (
    adjointHyperbolicCosine, adjointHyperbolicCosinePullback
  )
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .cosh(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .sinh(x) }
  static func slope(_ x: Tensor) -> Tensor { x.sinh() }
}

/// The slope is 4·s(2x)·s(−2x) with s the sigmoid: 1 − y² would lose it where y is near 1. Its slope is −2y
/// times itself, where that of the product would cancel near 0.
enum HyperbolicTangent: SlopedFunction {
  static let name = "tanh"
  static let (instruction, pullbackInstruction) = (
    adjointHyperbolicTangent, adjointHyperbolicTangentPullback
  )
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .tanh(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    (4 as Scalar) * Sigmoid.slope(x + x)
  }
  static func slope(_ x: Tensor) -> Tensor { (x * 2).sigmoid() * (x * -2).sigmoid() * 4 }
  static func curvature(_ x: Tensor) -> Tensor? { slope(x) * x.tanh() * -2 }
  static let hardCases = [-20.0, 20]
}

/// 1/(1 + e⁻ˣ), by way of the exponential that does not overflow. The slope is s(x)·s(−x): 1 − y would
/// lose it where y is near 1. Its slope is −tanh ½x times itself, where that of the product would cancel
/// near 0.
enum Sigmoid: SlopedFunction {
  static let name = "sigmoid"
  static let (instruction, pullbackInstruction) = (adjointSigmoid, adjointSigmoidPullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    let decay = Scalar.exp(-x.magnitude)
    return (x < 0 ? decay : 1) / (1 + decay)
  }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    let decay = Scalar.exp(-x.magnitude)
    return decay / ((1 + decay) * (1 + decay))
  }
  static func slope(_ x: Tensor) -> Tensor { x.sigmoid() * (-x).sigmoid() }
  static func curvature(_ x: Tensor) -> Tensor? { -slope(x) * (x * 0.5).tanh() }
  static let hardCases = [-50.0, 50]
}

/// |x|. The slope at 0 is taken as 0, the middle of −1 and 1.
enum Magnitude: SlopedFunction {
  static let name = "abs"
  static let (instruction, pullbackInstruction) = (adjointMagnitude, adjointMagnitudePullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x.magnitude }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar { Sign.value(x) }
  static func slope(_ x: Tensor) -> Tensor { x.sign() }
  static let isPiecewiseLinear = true
  static let kinks = [0.0]
}

/// −1, 0 or 1. The slope is 0, at the step too.
enum Sign: CompiledUnaryFunction {
  static let name = "sign"
  static let instruction = adjointSign
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x > 0 ? 1 : x < 0 ? -1 : x }
  static let reads = Reads.nothing
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { nil }
  static let kinks = [0.0]
}

enum ErrorFunction: SlopedFunction {
  static let name = "erf"
  static let (instruction, pullbackInstruction) = (
    adjointErrorFunction, adjointErrorFunctionPullback
  )
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .erf(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    Scalar(2 / Double.pi.squareRoot()) * .exp(-(x * x))
  }
  static func slope(_ x: Tensor) -> Tensor {
    // Beyond ±30 it is 0 in float64, too, and so are all of its derivatives.
    (-x.clamped(to: -30...30).squared()).exp() * (2 / Double.pi.squareRoot())
  }
  static let hardCases = [0.0]
}

enum ComplementaryErrorFunction: SlopedFunction {
  static let name = "erfc"
  static let (instruction, pullbackInstruction) = (
    adjointComplementaryErrorFunction, adjointComplementaryErrorFunctionPullback
  )
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .erfc(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar { -ErrorFunction.slope(x) }
  static func slope(_ x: Tensor) -> Tensor { -ErrorFunction.slope(x) }
  static let hardCases = [6.0]
}
