// The table of what functions of two and three numbers send back: name, instruction of the kernels in
// C, formula, composition. Those of functions of one number are in `SlopedFunction.swift`.

internal import AdjointKernels

/// g where a > b, g/2 where they are equal, else 0.
enum ExtremumPullback: PullbackFunction {
  static let name = "extremumPullback"
  static let instruction = adjointExtremumPullback
  static let operandCount = 3
  static func value<Scalar: RealScalar>(
    _ g: Scalar, _ a: Scalar, _ b: Scalar, _: Scalar
  ) -> Scalar { a > b ? g : a == b ? (0.5 as Scalar) * g : 0 }
  static func composed(_ operands: [Tensor]) -> Tensor {
    let (g, a, b) = (operands[0], operands[1], operands[2])
    let half = (g * 0.5).select(where: a .== b, otherwise: g.scalar(0))
    return g.select(where: a .> b, otherwise: half)
  }
  static let isPiecewiseConstant = true
  static let domains = [-3.0...3.0, -3.0...3.0]
  static let kinks = [[1.0, 1.0]]
  static func boundary(_ operands: [Tensor]) -> Tensor? { operands[1] - operands[2] }
}

/// g·b·aᵇ⁻¹; 0 where b is 0.
enum PowerPullback: PullbackFunction {
  static let name = "powerPullback"
  static let instruction = adjointPowerPullback
  static let operandCount = 3
  static func value<Scalar: RealScalar>(
    _ g: Scalar, _ a: Scalar, _ b: Scalar, _: Scalar
  ) -> Scalar { b == 0 ? 0 : g == 0 ? g : g * (b * .pow(a, b - 1)) }
  static func composed(_ operands: [Tensor]) -> Tensor {
    let (g, a, b) = (operands[0], operands[1], operands[2])
    // A power that a factor 0 takes out must be finite.
    let exponent = (b - 1).select(where: (a .!= 0) .| (b .!= 0), otherwise: b.scalar(1))
    return g.scaled(by: b * a.power(exponent))
  }
  static let domains = [0.5...3.0, -3.0...3.0]
  static let hardCases = [[2.0, 0.0], [1e-3, 2.5]]
}

/// g·y·log a, y a power of a; 0 where a or y is 0.
enum PowerExponentPullback: PullbackFunction {
  static let name = "powerExponentPullback"
  static let instruction = adjointPowerExponentPullback
  static let operandCount = 3
  static func value<Scalar: RealScalar>(
    _ g: Scalar, _ a: Scalar, _ y: Scalar, _: Scalar
  ) -> Scalar { a == 0 || y == 0 ? 0 : g == 0 ? g : g * (y * .log(a)) }
  static func composed(_ operands: [Tensor]) -> Tensor {
    let (g, a, y) = (operands[0], operands[1], operands[2])
    let logarithm = a.select(where: (a .!= 0) .& (y .!= 0), otherwise: a.scalar(1)).log()
    return g.scaled(by: y * logarithm)
  }
  static let domains = [0.5...3.0, 0.5...3.0]
}

/// g where x > 0, else slope · g.
enum LeakyRectifiedLinearPullback: PullbackFunction {
  static let name = "leakyReluPullback"
  static let instruction = adjointLeakyRectifiedLinearPullback
  static let operandCount = 3
  static func value<Scalar: RealScalar>(
    _ g: Scalar, _ x: Scalar, _ slope: Scalar, _: Scalar
  ) -> Scalar { x > 0 || g == 0 ? g : g * slope }
  static func composed(_ operands: [Tensor]) -> Tensor {
    let (g, x, slope) = (operands[0], operands[1], operands[2])
    return g.select(where: x .> 0, otherwise: g.scaled(by: slope))
  }
  static let domains = [-3.0...3.0, 0.01...0.5]
  static let kinks = [[0.0, 0.1]]
  static func boundary(_ operands: [Tensor]) -> Tensor? { operands[1] }
}

/// 0 where x > 0, else g·x.
enum LeakyRectifiedLinearSlopePullback: PullbackFunction {
  static let name = "leakyReluSlopePullback"
  static let instruction = adjointLeakyRectifiedLinearSlopePullback
  static let operandCount = 2
  static func value<Scalar: RealScalar>(
    _ g: Scalar, _ x: Scalar, _: Scalar, _: Scalar
  ) -> Scalar { x > 0 ? 0 : g == 0 ? g : g * x }
  static func composed(_ operands: [Tensor]) -> Tensor {
    let (g, x) = (operands[0], operands[1])
    return g.scaled(by: x.select(where: x .<= 0, otherwise: x.scalar(0)))
  }
  static let domains = [-3.0...3.0]
  static let kinks = [[0.0]]
  static func boundary(_ operands: [Tensor]) -> Tensor? { operands[1] }
}

/// g where x > 0, else α·g·eˣ.
enum ExponentialLinearPullback: PullbackFunction {
  static let name = "eluPullback"
  static let instruction = adjointExponentialLinearPullback
  static let operandCount = 3
  static func value<Scalar: RealScalar>(
    _ g: Scalar, _ x: Scalar, _ alpha: Scalar, _: Scalar
  ) -> Scalar { x > 0 || g == 0 ? g : g * (alpha * .exp(x)) }
  static func composed(_ operands: [Tensor]) -> Tensor {
    let (g, x, alpha) = (operands[0], operands[1], operands[2])
    // Where x is positive eˣ is not used, but must not overflow.
    let negative = x.select(where: x .<= 0, otherwise: x.scalar(0))
    let below = g.scaled(by: alpha * negative.exp())
    return g.select(where: x .> 0, otherwise: below)
  }
  static let domains = [-3.0...3.0, 0.5...1.5]
  static let hardCases = [[900.0, 1.0]]
  static let kinks = [[0.0, 2.0]]
  static func boundary(_ operands: [Tensor]) -> Tensor? { operands[1] }
}

/// 0 where x > 0, else g·(eˣ − 1).
enum ExponentialLinearScalePullback: PullbackFunction {
  static let name = "eluScalePullback"
  static let instruction = adjointExponentialLinearScalePullback
  static let operandCount = 2
  static func value<Scalar: RealScalar>(
    _ g: Scalar, _ x: Scalar, _: Scalar, _: Scalar
  ) -> Scalar { x > 0 ? 0 : g == 0 ? g : g * .expm1(x) }
  static func composed(_ operands: [Tensor]) -> Tensor {
    let (g, x) = (operands[0], operands[1])
    let negative = x.select(where: x .<= 0, otherwise: x.scalar(0))
    return g.scaled(by: negative.expm1())
  }
  static let domains = [-3.0...3.0]
  static let kinks = [[0.0]]
  static func boundary(_ operands: [Tensor]) -> Tensor? { operands[1] }
}

/// g where lower ≤ x ≤ upper, else 0.
enum ClampPullback: PullbackFunction {
  static let name = "clampPullback"
  static let instruction = adjointClampPullback
  static let operandCount = 4
  static func value<Scalar: RealScalar>(
    _ g: Scalar, _ x: Scalar, _ lower: Scalar, _ upper: Scalar
  ) -> Scalar { x >= lower && x <= upper ? g : 0 }
  static func composed(_ operands: [Tensor]) -> Tensor {
    let (g, x, lower, upper) = (operands[0], operands[1], operands[2], operands[3])
    return g.select(where: (x .>= lower) .& (x .<= upper), otherwise: g.scalar(0))
  }
  static let isPiecewiseConstant = true
  static let domains = [-3.0...3.0, -3.0 ... -1.0, 1.0...3.0]
  static let kinks = [[1.0, 0.0, 1.0]]
  static func boundary(_ operands: [Tensor]) -> Tensor? {
    (operands[1] - operands[2]) * (operands[3] - operands[1])
  }
}
