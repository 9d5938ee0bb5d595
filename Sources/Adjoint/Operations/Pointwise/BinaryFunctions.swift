// The table of functions of two numbers: name, kernel in C, formula, derivatives, domain, hard
// cases.

internal import AdjointKernels

enum Add: BinaryFunction {
  static let name = "add"
  static let vectorized: VectorizedBinary? = VectorizedBinary(adjointAdd)
  static func value<Scalar: NumericScalar>(_ a: Scalar, _ b: Scalar) -> Scalar { a + b }
  static let takesIntegers = true
  static let reads = Reads.nothing
  static func pullback(_ rule: inout Pullback) {
    let g = rule.cotangent
    rule.set(0, to: g)
    rule.set(1, to: g)
  }
}

enum Subtract: BinaryFunction {
  static let name = "subtract"
  static let vectorized: VectorizedBinary? = VectorizedBinary(adjointSubtract)
  static func value<Scalar: NumericScalar>(_ a: Scalar, _ b: Scalar) -> Scalar { a - b }
  static let takesIntegers = true
  static let reads = Reads.nothing
  static func pullback(_ rule: inout Pullback) {
    let g = rule.cotangent
    rule.set(0, to: g)
    rule.set(1, to: -g)
  }
}

enum Multiply: BinaryFunction {
  static let name = "multiply"
  static let vectorized: VectorizedBinary? = VectorizedBinary(adjointMultiply)
  static func value<Scalar: NumericScalar>(_ a: Scalar, _ b: Scalar) -> Scalar { a * b }
  static let takesIntegers = true
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: g * b)
    rule.set(1, to: g * a)
  }
  static let hardCases = [(0.0, 2.0)]
}

enum Divide: BinaryFunction {
  static let name = "divide"
  static let vectorized: VectorizedBinary? = VectorizedBinary(adjointDivide)
  static func value<Scalar: RealScalar>(_ a: Scalar, _ b: Scalar) -> Scalar { a / b }
  static let reads = Reads.inputs(1).and(.outputs(0))
  static func pullback(_ rule: inout Pullback) {
    let (b, y, g) = (rule.input(1), rule.output(), rule.cotangent)
    rule.set(0, to: g / b)
    rule.set(1, to: -g * y / b)
  }
  static let rightDomain = 0.5...3.0
  static let hardCases = [(0.0, 2.0), (3.0, -1e-3)]
}

/// aᵇ. Where a is 0, the derivative by b is taken as 0; where both are, that by a is too.
enum Power: BinaryFunction {
  static let name = "power"
  static func value<Scalar: RealScalar>(_ a: Scalar, _ b: Scalar) -> Scalar { .pow(a, b) }
  static let reads = Reads.inputs(0, 1).and(.outputs(0))
  static func pullback(_ rule: inout Pullback) {
    let (a, b, y, g) = (rule.input(0), rule.input(1), rule.output(), rule.cotangent)
    // The powers and logarithms that a factor 0 takes out must be finite, or 0 · ∞ would be NaN.
    let isRegular = (a .!= 0) .| (b .!= 0)
    rule.set(0, to: g * b * a.power((b - 1).select(where: isRegular, otherwise: b.scalar(1))))
    rule.set(1, to: g * y * a.select(where: a .!= 0, otherwise: a.scalar(1)).log())
  }
  static let leftDomain = 0.5...3.0
  static let hardCases = [(2.0, 0.0), (1e-3, 2.5)]
  static let kinks = [(0.0, 0.0), (0.0, 2.0)]
}

/// The larger of two numbers; NaN if one is. Where they are equal, each gets half of the cotangent.
enum Maximum: BinaryFunction {
  static let name = "maximum"
  static let vectorized: VectorizedBinary? = VectorizedBinary(adjointMaximum)
  static func value<Scalar: NumericScalar>(_ a: Scalar, _ b: Scalar) -> Scalar {
    a.isNotANumber || a > b ? a : b
  }
  static let takesIntegers = true
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: g * share(of: a, where: a .> b, orHalfOf: b))
    rule.set(1, to: g * share(of: b, where: b .> a, orHalfOf: a))
  }
  static func boundary(_ a: Tensor, _ b: Tensor) -> Tensor? { a - b }
  static let kinks = [(1.0, 1.0)]

  /// 1 where a relation holds, ½ where two tensors are equal, else 0.
  static func share(of a: Tensor, where wins: Tensor, orHalfOf b: Tensor) -> Tensor {
    wins.cast(to: a.dtype) + (a .== b).cast(to: a.dtype) * 0.5
  }
}

/// The smaller of two numbers; NaN if one is. Where they are equal, each gets half of the
/// cotangent.
enum Minimum: BinaryFunction {
  static let name = "minimum"
  static let vectorized: VectorizedBinary? = VectorizedBinary(adjointMinimum)
  static func value<Scalar: NumericScalar>(_ a: Scalar, _ b: Scalar) -> Scalar {
    a.isNotANumber || a < b ? a : b
  }
  static let takesIntegers = true
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: g * Maximum.share(of: a, where: a .< b, orHalfOf: b))
    rule.set(1, to: g * Maximum.share(of: b, where: b .< a, orHalfOf: a))
  }
  static func boundary(_ a: Tensor, _ b: Tensor) -> Tensor? { a - b }
  static let kinks = [(1.0, 1.0)]
}

/// x, or slope · x where x is negative. The derivative at 0 is taken as the slope.
enum LeakyRectifiedLinear: BinaryFunction {
  static let name = "leakyRelu"
  static func value<Scalar: RealScalar>(_ x: Scalar, _ slope: Scalar) -> Scalar {
    x > 0 ? x : slope * x
  }
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (x, slope, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: g.select(where: x .> 0, otherwise: g * slope))
    rule.set(1, to: (g * x).select(where: x .<= 0, otherwise: g.scalar(0)))
  }
  static let rightDomain = 0.01...0.5
  static func boundary(_ x: Tensor, _ slope: Tensor) -> Tensor? { x }
  static let kinks = [(0.0, 0.1)]
}

/// x, or α·(eˣ − 1) where x is negative; smooth at 0 for α = 1 only, where the derivative is taken
/// as α.
enum ExponentialLinear: BinaryFunction {
  static let name = "elu"
  static func value<Scalar: RealScalar>(_ x: Scalar, _ alpha: Scalar) -> Scalar {
    x > 0 ? x : alpha * .expm1(x)
  }
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (x, alpha, g) = (rule.input(0), rule.input(1), rule.cotangent)
    // Where x is positive eˣ is not used, but must not overflow: 0 · ∞ would be NaN.
    let negative = x.select(where: x .<= 0, otherwise: x.scalar(0))
    rule.set(0, to: g.select(where: x .> 0, otherwise: g * alpha * negative.exp()))
    rule.set(1, to: g * negative.expm1())
  }
  static let rightDomain = 0.5...1.5
  static let hardCases = [(900.0, 1.0)]
  static func boundary(_ x: Tensor, _ alpha: Tensor) -> Tensor? { x }
  static let kinks = [(0.0, 2.0)]
}
