internal import AdjointKernels

/// A function of one number whose derivative is a function of one number too: its pullback is one pass over
/// memory, g · slope(z).
protocol SlopedFunction: CompiledUnaryFunction {
  /// The instruction that multiplies g by the slope.
  static var pullbackInstruction: AdjointInstruction { get }
  /// The derivative, as a function of x; of y, if that is what ``UnaryFunction/reads`` says.
  static func slope<Scalar: RealScalar>(_ z: Scalar) -> Scalar
  /// The same in tensor operations.
  static func slope(_ z: Tensor) -> Tensor
  /// g · slope(z), for g besides 0: in an order in which nothing overflows that the result does not.
  static func product<Scalar: RealScalar>(_ g: Scalar, slopeAt z: Scalar) -> Scalar
  /// The same in tensor operations, 0 where g is.
  static func product(_ g: Tensor, slopeAt z: Tensor) -> Tensor
  /// The slope of the slope, where that of the composition would cancel; else nil.
  static func curvature(_ z: Tensor) -> Tensor?
  /// Whether the slope is constant between kinks.
  static var isPiecewiseLinear: Bool { get }
  static func applyPullback(
    to g: Span<Float>, _ z: Span<Float>, writing y: inout MutableSpan<Float>)
  static func applyPullback(
    to g: Span<Double>, _ z: Span<Double>, writing y: inout MutableSpan<Double>)
}

extension SlopedFunction {
  static var reads: Reads { .inputs(0) }
  static func product<Scalar: RealScalar>(_ g: Scalar, slopeAt z: Scalar) -> Scalar {
    g * slope(z)
  }
  static func product(_ g: Tensor, slopeAt z: Tensor) -> Tensor { g.scaled(by: slope(z)) }
  static func curvature(_ z: Tensor) -> Tensor? { nil }
  static var isPiecewiseLinear: Bool { false }
  static var readsResult: Bool { reads.includes(output: 0) }

  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? {
    PointwisePullback<SlopePullback<Self>>()(g, readsResult ? y : x)
  }

  // The witness of a conforming type is specialised, that of `SlopePullback` would not be.
  static func applyPullback<Scalar: RealScalar>(
    to g: Span<Scalar>, _ z: Span<Scalar>, writing y: inout MutableSpan<Scalar>
  ) {
    for i in g.indices { y[i] = g[i] == 0 ? g[i] : product(g[i], slopeAt: z[i]) }
  }
}

/// g · slope(z); 0 where g is 0.
enum SlopePullback<Function: SlopedFunction>: PullbackFunction {
  static var name: String { Function.name + "Pullback" }
  static var instruction: AdjointInstruction { Function.pullbackInstruction }
  static var operandCount: Int { 2 }
  static func value<Scalar: RealScalar>(
    _ g: Scalar, _ z: Scalar, _: Scalar, _: Scalar
  ) -> Scalar { g == 0 ? g : Function.product(g, slopeAt: z) }
  static func apply(
    to g: Span<Float>, _ z: Span<Float>, _: Span<Float>, _: Span<Float>,
    writing y: inout MutableSpan<Float>
  ) { Function.applyPullback(to: g, z, writing: &y) }
  static func apply(
    to g: Span<Double>, _ z: Span<Double>, _: Span<Double>, _: Span<Double>,
    writing y: inout MutableSpan<Double>
  ) { Function.applyPullback(to: g, z, writing: &y) }
  static func composed(_ operands: [Tensor]) -> Tensor {
    Function.product(operands[0], slopeAt: operands[1])
  }
  static func curvature(_ operands: [Tensor]) -> Tensor? { Function.curvature(operands[1]) }
  static var isPiecewiseConstant: Bool { Function.isPiecewiseLinear }
  static var domains: [ClosedRange<Double>] { [Function.domain] }
  static var hardCases: [[Double]] {
    Function.readsResult ? [] : Function.hardCases.map { [$0] }
  }
  static var kinks: [[Double]] { Function.kinks.map { [$0] } }
  static func boundary(_ operands: [Tensor]) -> Tensor? {
    Function.kinks.first.map { operands[1] - $0 }
  }
}
