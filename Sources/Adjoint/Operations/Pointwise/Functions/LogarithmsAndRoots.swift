// More of the table of functions of one number: powers and logarithms to bases 2 and 10, and the cube root.

internal import AdjointKernels

enum LogarithmToBase2: SlopedFunction {
  static let name = "log2"
  static let (instruction, pullbackInstruction) = (
    adjointLogarithmToBase2, adjointLogarithmToBase2Pullback
  )
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .log2(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar { Scalar(1 / Double.log(2)) / x }
  static func slope(_ x: Tensor) -> Tensor { x.reciprocal() * (1 / Double.log(2)) }
  static let domain = 0.5...3.0
  static let hardCases = [1e-6, 1e6]
}

enum LogarithmToBase10: SlopedFunction {
  static let name = "log10"
  static let (instruction, pullbackInstruction) = (
    adjointLogarithmToBase10, adjointLogarithmToBase10Pullback
  )
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .log10(x) }
  static func slope<Scalar: RealScalar>(_ x: Scalar) -> Scalar { Scalar(1 / Double.log(10)) / x }
  static func slope(_ x: Tensor) -> Tensor { x.reciprocal() * (1 / Double.log(10)) }
  static let domain = 0.5...3.0
  static let hardCases = [1e-6, 1e6]
}

enum PowerOfTwo: SlopedFunction {
  static let name = "exp2"
  static let (instruction, pullbackInstruction) = (adjointPowerOfTwo, adjointPowerOfTwoPullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .exp2(x) }
  static let reads = Reads.outputs(0)
  static func slope<Scalar: RealScalar>(_ y: Scalar) -> Scalar { Scalar(Double.log(2)) * y }
  static func slope(_ y: Tensor) -> Tensor { y * Double.log(2) }
  static let hardCases = [-50.0, 50]
}

enum CubeRoot: SlopedFunction {
  static let name = "cubeRoot"
  static let (instruction, pullbackInstruction) = (adjointCubeRoot, adjointCubeRootPullback)
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { .cbrt(x) }
  static let reads = Reads.outputs(0)
  static func slope<Scalar: RealScalar>(_ y: Scalar) -> Scalar { 1 / ((3 as Scalar) * y * y) }
  static func slope(_ y: Tensor) -> Tensor { (y.squared() * 3).reciprocal() }
  static let domain = 0.5...3.0
  static let hardCases = [-2.0, 1e-6]
}
