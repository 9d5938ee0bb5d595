// The table of derivatives of functions of one number that are common enough to be one pass over
// memory: functions of the cotangent g, and of x or y. Second derivatives are theirs.

internal import AdjointKernels

/// g where x > 0, else 0.
enum RectifiedLinearGradient: BinaryFunction {
  static let name = "reluGradient"
  static let vectorized: VectorizedBinary? = VectorizedBinary(adjointGate)
  static func value<Scalar: RealScalar>(_ g: Scalar, _ x: Scalar) -> Scalar { x > 0 ? g : 0 }
  static let reads = Reads.inputs(1)
  static func pullback(_ rule: inout Pullback) {
    let (x, g) = (rule.input(1), rule.cotangent)
    rule.set(0, to: Binary<RectifiedLinearGradient>()(g, x))
  }
  static func boundary(_ g: Tensor, _ x: Tensor) -> Tensor? { x }
  static let kinks = [(1.0, 0.0)]
}

/// g·(1 − y²) with y = tanh x.
enum HyperbolicTangentGradient: BinaryFunction {
  static let name = "tanhGradient"
  static let vectorized: VectorizedBinary? = VectorizedBinary(adjointTanhGradient)
  static func value<Scalar: RealScalar>(_ g: Scalar, _ y: Scalar) -> Scalar { g * (1 - y * y) }
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (a, y, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: Binary<HyperbolicTangentGradient>()(g, y))
    rule.set(1, to: g * a * y * -2)
  }
}

/// g·y·(1 − y) with y = sigmoid x.
enum SigmoidGradient: BinaryFunction {
  static let name = "sigmoidGradient"
  static let vectorized: VectorizedBinary? = VectorizedBinary(adjointSigmoidGradient)
  static func value<Scalar: RealScalar>(_ g: Scalar, _ y: Scalar) -> Scalar { g * y * (1 - y) }
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (a, y, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: Binary<SigmoidGradient>()(g, y))
    rule.set(1, to: g * a * (1 - y * 2))
  }
}

/// g·(s + x·s·(1 − s)) with s = sigmoid x.
enum SigmoidLinearGradient: BinaryFunction {
  static let name = "siluGradient"
  static let vectorized: VectorizedBinary? = VectorizedBinary(adjointSiluGradient)
  static func value<Scalar: RealScalar>(_ g: Scalar, _ x: Scalar) -> Scalar {
    let s = Sigmoid.value(x)
    return g * (s + x * s * (1 - s))
  }
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (a, x, g) = (rule.input(0), rule.input(1), rule.cotangent)
    let s = x.sigmoid()
    rule.set(0, to: Binary<SigmoidLinearGradient>()(g, x))
    rule.set(1, to: g * a * s * (1 - s) * (x * (1 - s * 2) + 2))
  }
}

/// g·(s + x·s·(1 − s)·k) with s = sigmoid u and k = ∂u/∂x, u the argument in ``GaussianErrorLinearByTanh``.
enum GaussianErrorLinearByTanhGradient: BinaryFunction {
  static let name = "geluTanhGradient"
  static let vectorized: VectorizedBinary? = VectorizedBinary(adjointGeluGradient)
  private static let cubic = GaussianErrorLinearByTanh.cubic
  private static let factor = GaussianErrorLinearByTanh.factor
  static func value<Scalar: RealScalar>(_ g: Scalar, _ x: Scalar) -> Scalar {
    let s = Sigmoid.value(Scalar(factor) * (x + Scalar(cubic) * x * x * x))
    let slope = (x * x * Scalar(3 * cubic) + 1) * Scalar(factor)
    return g * (s + x * s * (1 - s) * slope)
  }
  static let reads = Reads.inputs(0, 1)
  static func pullback(_ rule: inout Pullback) {
    let (a, x, g) = (rule.input(0), rule.input(1), rule.cotangent)
    let s = ((x + x * x.squared() * cubic) * factor).sigmoid()
    let slope = (x.squared() * (3 * cubic) + 1) * factor
    let curvature = x.squared() * (6 * cubic * factor)
    rule.set(0, to: Binary<GaussianErrorLinearByTanhGradient>()(g, x))
    rule.set(
      1, to: g * a * s * (1 - s) * (slope * 2 + x * (1 - s * 2) * slope.squared() + curvature))
  }
}
