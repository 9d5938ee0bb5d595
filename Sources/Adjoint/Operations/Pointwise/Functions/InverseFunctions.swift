// More of the table of functions of one number: the tangent, and inverses of circular and hyperbolic
// functions.

internal import AdjointKernels

enum Tangent: SlopedFunction {
  static let name = "tan"
  static let (instruction, pullbackInstruction) = (adjointTangent, adjointTangentPullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .tan(x) }
  static let reads = Reads.outputs(0)
  static func slope<Scalar: RealScalar>(_ y: Scalar) -> Scalar { 1 + y * y }
  static func slope(_ y: Tensor) -> Tensor { y.squared() + 1 }
  static let domain = -1.4...1.4
  static let hardCases = [0.0, 1.57]
}

/// The slope is 1/√((1 − x)(1 + x)): 1 − x² would lose it where x is near 1. Its slope is x times its cube, where that
/// of the product would cancel near 0.
enum ArcSine: SlopedFunction {
  static let name = "asin"
  static let (instruction, pullbackInstruction) = (adjointArcSine, adjointArcSinePullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .asin(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    1 / ((1 - x) * (1 + x)).squareRoot()
  }
  static func slope(_ x: Tensor) -> Tensor { ((1 - x) * (1 + x)).rsqrt() }
  static func curvature(_ x: Tensor) -> Tensor? { slope(x).power(3) * x }
  static let domain = -0.9...0.9
  static let hardCases = [0.0, 0.999]
}

enum ArcCosine: SlopedFunction {
  static let name = "acos"
  static let (instruction, pullbackInstruction) = (adjointArcCosine, adjointArcCosinePullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .acos(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    -1 / ((1 - x) * (1 + x)).squareRoot()
  }
  static func slope(_ x: Tensor) -> Tensor { -((1 - x) * (1 + x)).rsqrt() }
  static func curvature(_ x: Tensor) -> Tensor? { slope(x).power(3) * x }
  static let domain = -0.9...0.9
  static let hardCases = [0.0, 0.999]
}

enum ArcTangent: SlopedFunction {
  static let name = "atan"
  static let (instruction, pullbackInstruction) = (adjointArcTangent, adjointArcTangentPullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .atan(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar { 1 / (1 + x * x) }
  static func slope(_ x: Tensor) -> Tensor { (x.squared() + 1).reciprocal() }
  static let hardCases = [0.0, 50]
}

/// The slope is 1/√(1 + x²), by way of 1/|x| where x² might overflow.
enum AreaSine: SlopedFunction {
  static let name = "asinh"
  static let (instruction, pullbackInstruction) = (adjointAreaSine, adjointAreaSinePullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .asinh(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    let inverse = 1 / x.magnitude
    return x.magnitude > 1
      ? inverse / (1 + inverse * inverse).squareRoot() : 1 / (1 + x * x).squareRoot()
  }
  static func slope(_ x: Tensor) -> Tensor { (x.squared() + 1).rsqrt() }
  static let hardCases = [0.0, 1e4]
}

enum AreaCosine: SlopedFunction {
  static let name = "acosh"
  static let (instruction, pullbackInstruction) = (adjointAreaCosine, adjointAreaCosinePullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .acosh(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    1 / ((x - 1).squareRoot() * (x + 1).squareRoot())
  }
  static func slope(_ x: Tensor) -> Tensor { (x - 1).rsqrt() * (x + 1).rsqrt() }
  static let domain = 1.1...4.0
  static let hardCases = [1.001, 1e4]
}

enum AreaTangent: SlopedFunction {
  static let name = "atanh"
  static let (instruction, pullbackInstruction) = (adjointAreaTangent, adjointAreaTangentPullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .atanh(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar { 1 / ((1 - x) * (1 + x)) }
  static func slope(_ x: Tensor) -> Tensor { ((1 - x) * (1 + x)).reciprocal() }
  static func curvature(_ x: Tensor) -> Tensor? { slope(x).squared() * x * 2 }
  static let domain = -0.9...0.9
  static let hardCases = [0.0, 0.999]
}
