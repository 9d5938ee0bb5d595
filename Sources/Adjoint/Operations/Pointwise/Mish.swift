internal import AdjointKernels

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
