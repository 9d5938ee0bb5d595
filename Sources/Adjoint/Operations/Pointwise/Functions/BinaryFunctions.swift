// The table of functions of two numbers: name, instruction of the kernels in C, formula, derivatives, domain,
// hard cases.

internal import AdjointKernels

enum Add: CompiledBinaryFunction, LinearFunction {
  static let name = "add"
  static let linearity = Linearity.joint
  static let instruction = adjointAdd
  static func value<Scalar: RealScalar>(_ a: Scalar, _ b: Scalar) -> Scalar { a + b }
  static func value(_ a: Int32, _ b: Int32) -> Int32 {
    checked(a.addingReportingOverflow(b), "\(name): \(a) + \(b)")
  }
  static let takesIntegers = true
  static let reads = Reads.nothing
  static func pullback(_ rule: inout Pullback) {
    let g = rule.cotangent
    rule.set(0, to: g)
    rule.set(1, to: g)
  }
}

enum Subtract: CompiledBinaryFunction, LinearFunction {
  static let name = "subtract"
  static let linearity = Linearity.joint
  static let instruction = adjointSubtract
  static func value<Scalar: RealScalar>(_ a: Scalar, _ b: Scalar) -> Scalar { a - b }
  static func value(_ a: Int32, _ b: Int32) -> Int32 {
    checked(a.subtractingReportingOverflow(b), "\(name): \(a) − \(b)")
  }
  static let takesIntegers = true
  static let reads = Reads.nothing
  static func pullback(_ rule: inout Pullback) {
    let g = rule.cotangent
    rule.set(0, to: g)
    rule.set(1, to: -g)
  }
}

enum Multiply: CompiledBinaryFunction, LinearFunction {
  static let name = "multiply"
  static let linearity = Linearity.each
  static let instruction = adjointMultiply
  static func value<Scalar: RealScalar>(_ a: Scalar, _ b: Scalar) -> Scalar { a * b }
  static func value(_ a: Int32, _ b: Int32) -> Int32 {
    checked(a.multipliedReportingOverflow(by: b), "\(name): \(a) · \(b)")
  }
  static let takesIntegers = true
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: g.scaled(by: b))
    rule.set(1, to: g.scaled(by: a))
  }
  static let hardCases = [(0.0, 2.0)]
}

/// a·b, and 0 where a is 0, whatever b is: how a cotangent is multiplied by a derivative that may be
/// infinite.
enum AbsorbingMultiply: CompiledBinaryFunction {
  static let name = "absorbingMultiply"
  static let instruction = adjointAbsorbingMultiply
  static func value<Scalar: RealScalar>(_ a: Scalar, _ b: Scalar) -> Scalar {
    a == 0 ? a : a * b
  }
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: g.scaled(by: b))
    // Where a is 0, nothing depends on b, whatever g is: what has been absorbed stays so.
    rule.set(1, to: g.scaledOrZero(by: a))
  }
  static let hardCases = [(0.0, 2.0)]
}

/// a·b, and 0 where one of them is 0, whatever the other is: two cotangents, one of them of the other.
enum MutuallyAbsorbingMultiply: CompiledBinaryFunction {
  static let name = "mutuallyAbsorbingMultiply"
  static let instruction = adjointMutuallyAbsorbingMultiply
  static func value<Scalar: RealScalar>(_ a: Scalar, _ b: Scalar) -> Scalar {
    a == 0 || b == 0 ? 0 : a * b
  }
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: g.scaledOrZero(by: b))
    rule.set(1, to: g.scaledOrZero(by: a))
  }
  static let hardCases = [(0.0, 2.0), (2.0, 0.0)]
}

enum Divide: CompiledBinaryFunction {
  static let name = "divide"
  static let instruction = adjointDivide
  static func value<Scalar: RealScalar>(_ a: Scalar, _ b: Scalar) -> Scalar { a / b }
  static let reads = Reads.inputs(1).and(.outputs(0))
  static func pullback(_ rule: inout Pullback) {
    let (b, y, g) = (rule.input(1), rule.output(), rule.cotangent)
    rule.set(0, to: g.divided(by: b))
    rule.set(1, to: (-g).scaled(by: y).divided(by: b))
  }
  static let rightDomain = 0.5...3.0
  static let hardCases = [(0.0, 2.0), (3.0, -1e-3)]
}

/// a/b, and 0 where a is 0, whatever b is: how a cotangent is divided.
enum AbsorbingDivide: CompiledBinaryFunction {
  static let name = "absorbingDivide"
  static let instruction = adjointAbsorbingDivide
  static func value<Scalar: RealScalar>(_ a: Scalar, _ b: Scalar) -> Scalar {
    a == 0 ? a : a / b
  }
  static let reads = Reads.inputs(1).and(.outputs(0))
  static func pullback(_ rule: inout Pullback) {
    let (b, y, g) = (rule.input(1), rule.output(), rule.cotangent)
    rule.set(0, to: g.divided(by: b))
    rule.set(1, to: (-g).scaledOrZero(by: y).divided(by: b))
  }
  static let rightDomain = 0.5...3.0
  static let hardCases = [(0.0, 2.0), (3.0, -1e-3)]
}

/// aᵇ. Where a is 0, the derivative by b is taken as 0; where both are, that by a is too.
enum Power: CompiledBinaryFunction {
  static let name = "power"
  static let instruction = adjointPower
  static func value<Scalar: RealScalar>(_ a: Scalar, _ b: Scalar) -> Scalar { .pow(a, b) }
  static let reads = Reads.inputs(0, 1).and(.outputs(0))
  static func pullback(_ rule: inout Pullback) {
    let (a, b, y, g) = (rule.input(0), rule.input(1), rule.output(), rule.cotangent)
    rule.set(0, to: PointwisePullback<PowerPullback>()(g, a, b))
    rule.set(1, to: PointwisePullback<PowerExponentPullback>()(g, a, y))
  }
  static let leftDomain = 0.5...3.0
  static let hardCases = [(2.0, 0.0), (1e-3, 2.5)]
  static let kinks = [(0.0, 0.0), (0.0, 2.0)]
}

/// The larger of two numbers; NaN if one is. Where they are equal, each gets half of the cotangent.
enum Maximum: CompiledBinaryFunction {
  static let name = "maximum"
  static let instruction = adjointMaximum
  static func value<Scalar: NumericScalar>(_ a: Scalar, _ b: Scalar) -> Scalar {
    a.isNotANumber || a > b ? a : b
  }
  static let takesIntegers = true
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: PointwisePullback<ExtremumPullback>()(g, a, b))
    rule.set(1, to: PointwisePullback<ExtremumPullback>()(g, b, a))
  }
  static func boundary(_ a: Tensor, _ b: Tensor) -> Tensor? { a - b }
  static let kinks = [(1.0, 1.0)]
}

/// The smaller of two numbers; NaN if one is. Where they are equal, each gets half of the
/// cotangent.
enum Minimum: CompiledBinaryFunction {
  static let name = "minimum"
  static let instruction = adjointMinimum
  static func value<Scalar: NumericScalar>(_ a: Scalar, _ b: Scalar) -> Scalar {
    a.isNotANumber || a < b ? a : b
  }
  static let takesIntegers = true
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: PointwisePullback<ExtremumPullback>()(g, b, a))
    rule.set(1, to: PointwisePullback<ExtremumPullback>()(g, a, b))
  }
  static func boundary(_ a: Tensor, _ b: Tensor) -> Tensor? { a - b }
  static let kinks = [(1.0, 1.0)]
}

/// x, or slope · x where x is negative. The derivative at 0 is taken as the slope.
enum LeakyRectifiedLinear: CompiledBinaryFunction {
  static let name = "leakyRelu"
  static let instruction = adjointLeakyRectifiedLinear
  static func value<Scalar: RealScalar>(_ x: Scalar, _ slope: Scalar) -> Scalar {
    x > 0 ? x : slope * x
  }
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (x, slope, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: PointwisePullback<LeakyRectifiedLinearPullback>()(g, x, slope))
    rule.set(1, to: PointwisePullback<LeakyRectifiedLinearSlopePullback>()(g, x))
  }
  static let rightDomain = 0.01...0.5
  static func boundary(_ x: Tensor, _ slope: Tensor) -> Tensor? { x }
  static let kinks = [(0.0, 0.1)]
}

/// x, or α·(eˣ − 1) where x is negative; smooth at 0 for α = 1 only, where the derivative is taken
/// as α.
enum ExponentialLinear: CompiledBinaryFunction {
  static let name = "elu"
  static let instruction = adjointExponentialLinear
  static func value<Scalar: RealScalar>(_ x: Scalar, _ alpha: Scalar) -> Scalar {
    x > 0 ? x : alpha * .expm1(x)
  }
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (x, alpha, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: PointwisePullback<ExponentialLinearPullback>()(g, x, alpha))
    rule.set(1, to: PointwisePullback<ExponentialLinearScalePullback>()(g, x))
  }
  static let rightDomain = 0.5...1.5
  static let hardCases = [(900.0, 1.0)]
  static func boundary(_ x: Tensor, _ alpha: Tensor) -> Tensor? { x }
  static let kinks = [(0.0, 2.0)]
}

/// An integer result; the program stops at one that does not fit.
private func checked(
  _ result: (partialValue: Int32, overflow: Bool), _ calculation: @autoclosure () -> String
) -> Int32 {
  require(
    !result.overflow, "\(calculation()) does not fit an int32; cast the operands to float64 first")
  return result.partialValue
}
