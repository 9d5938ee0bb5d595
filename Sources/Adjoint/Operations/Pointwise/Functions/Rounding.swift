// More of the table of functions of one number: rounding to whole numbers.

internal import AdjointKernels

/// The nearest whole number, the even one of two. The slope is 0, at the steps too.
enum RoundToNearest: CompiledUnaryFunction {
  static let name = "rounded"
  static let instruction = adjointRoundToNearest
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x.rounded(.toNearestOrEven) }
  static let reads = Reads.nothing
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { nil }
  static let hardCases = [0.25, -7.75]
  static let kinks = [0.5]
}

/// The largest whole number that is not above. The slope is 0, at the steps too.
enum RoundDown: CompiledUnaryFunction {
  static let name = "floor"
  static let instruction = adjointRoundDown
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x.rounded(.down) }
  static let reads = Reads.nothing
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { nil }
  static let hardCases = [0.25, -7.75]
  static let kinks = [1.0]
}

/// The least whole number that is not below. The slope is 0, at the steps too.
enum RoundUp: CompiledUnaryFunction {
  static let name = "ceil"
  static let instruction = adjointRoundUp
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x.rounded(.up) }
  static let reads = Reads.nothing
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { nil }
  static let hardCases = [0.25, -7.75]
  static let kinks = [1.0]
}

/// The whole number next to it on the way to 0. The slope is 0, at the steps too.
enum RoundTowardZero: CompiledUnaryFunction {
  static let name = "truncated"
  static let instruction = adjointRoundTowardZero
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x.rounded(.towardZero) }
  static let reads = Reads.nothing
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { nil }
  static let hardCases = [0.25, -7.75]
  static let kinks = [1.0]
}
