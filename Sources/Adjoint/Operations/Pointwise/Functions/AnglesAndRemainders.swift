// More of the table of functions of two numbers: the angle of a point, and what is left or got by division.

internal import AdjointKernels

/// The angle of the point (x, y), from −π to π. At the origin, where it has no derivative, 0 is taken.
enum ArcTangentOfRatio: CompiledBinaryFunction {
  static let name = "atan2"
  static let instruction = adjointArcTangentOfRatio
  static func value<Scalar: RealScalar>(_ y: Scalar, _ x: Scalar) -> Scalar { .atan2(y, x) }
  static let reads = Reads.inputs(0, 1)

  /// ȳ = g·x/(x² + y²) and x̄ = −g·y/(x² + y²). Both are divided by the larger first, so that no square
  /// overflows: whatever that is, it cancels.
  static func pullback(_ rule: inout Pullback) {
    let (y, x, g) = (rule.input(0), rule.input(1), rule.cotangent)
    let size = Tensor.maximum(y.magnitude(), x.magnitude()).stoppingGradient()
    let unit = size.select(where: size .!= 0, otherwise: size.scalar(1))
    let (b, a) = (y / unit, x / unit)
    let square = (a.squared() + b.squared()) * unit
    let divisor = square.select(where: size .!= 0, otherwise: size.scalar(.infinity))
    rule.set(0, to: g.scaled(by: a / divisor))
    rule.set(1, to: (-g).scaled(by: b / divisor))
  }
  static let leftDomain = 0.5...3.0
  static let hardCases = [(0.0, 2.0), (-1e3, 1e-3), (2.0, -1.0)]
  static let kinks = [(0.0, 0.0)]
}

/// a − b·⌊a/b⌋, which has the sign of b: exact. Where ⌊a/b⌋ steps, its slopes on one side are taken.
enum Remainder: CompiledBinaryFunction {
  static let name = "remainder"
  static let instruction = adjointRemainder
  static func value<Scalar: RealScalar>(_ a: Scalar, _ b: Scalar) -> Scalar {
    let rest = a.truncatingRemainder(dividingBy: b)
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
  }
  static func value(_ a: Int32, _ b: Int32) -> Int32 {
    require(b != 0, "\(name): \(a) divided by 0 has no remainder; select another divisor first")
    let rest = b == -1 ? 0 : a % b
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
  }
  static let takesIntegers = true
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: g)
    // What was taken off is a whole number of b, which a/b, rounded, may miss.
    let quotient = ((a - a.remainder(dividingBy: b)) / b).rounded()
    rule.set(1, to: (-g).scaled(by: quotient))
  }
  static let rightDomain = 0.5...3.0
  static let hardCases = [(-5.5, 2.0), (5.5, -2.0)]
  static let kinks = [(4.0, 2.0)]
}

/// The quotient of integers without its fraction.
enum Quotient: BinaryFunction {
  static let name = "quotient"
  static func value<Scalar: RealScalar>(_ a: Scalar, _ b: Scalar) -> Scalar {
    (a / b).rounded(.towardZero)
  }
  static func value(_ a: Int32, _ b: Int32) -> Int32 {
    require(b != 0, "\(name): \(a) divided by 0 is no integer; select another divisor first")
    let (quotient, overflow) = a.dividedReportingOverflow(by: b)
    require(
      !overflow, "\(name): \(a)/\(b) does not fit an int32; cast the operands to float64 first")
    return quotient
  }
  static let takesIntegers = true
  static let reads = Reads.nothing
  static func pullback(_ rule: inout Pullback) {}
  // Where the quotient is 2, of integers too.
  static let leftDomain = 4.5...4.9
  static let rightDomain = 2.05...2.2
}
