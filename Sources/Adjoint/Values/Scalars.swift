internal import AdjointKernels

/// A Swift type that a tensor can hold: `Float`, `Double`, `Int32` and `Bool`.
public protocol TensorScalar: BitwiseCopyable, Sendable, Equatable {
  /// The run-time name of the type.
  static var dtype: DType { get }
  /// Zero, or false.
  static var zero: Self { get }
  /// What is handed to a rule for a value that it has not declared to read: NaN, or a number that
  /// no index can be.
  static var poison: Self { get }
  /// Converts as `Cast` does: towards zero to int32, to bool whether the number is not 0.
  init(converting value: Double)
  /// The value as a double; true is 1.
  var asDouble: Double { get }
}

/// A scalar with arithmetic and order: `Float`, `Double` and `Int32`.
public protocol NumericScalar: TensorScalar, Numeric, Comparable {
  /// The type that sums are kept in: `Double`, or `Int` for `Int32`.
  associatedtype Accumulator: Numeric & Comparable & BitwiseCopyable
  /// The value in the type that sums are kept in.
  var widened: Accumulator { get }
  /// Rounds a sum; an int32 sum that does not fit stops the program.
  init(narrowing sum: Accumulator)
  /// The number that no other is above: −∞, or the least int32.
  static var lowest: Self { get }
  /// Whether this is not a number; never, for integers.
  var isNotANumber: Bool { get }
}

/// A scalar with the elementary functions: `Float` and `Double`.
///
/// The functions are those of the platform's mathematical library, correct to about 1 ulp.
public protocol RealScalar: NumericScalar, BinaryFloatingPoint where Accumulator == Double {
  /// eˣ.
  static func exp(_ x: Self) -> Self
  /// eˣ − 1 without cancellation near 0.
  static func expm1(_ x: Self) -> Self
  /// The natural logarithm.
  static func log(_ x: Self) -> Self
  /// log(1 + x) without cancellation near 0.
  static func log1p(_ x: Self) -> Self
  /// The sine of an angle in radians.
  static func sin(_ x: Self) -> Self
  /// The cosine of an angle in radians.
  static func cos(_ x: Self) -> Self
  /// The hyperbolic sine.
  static func sinh(_ x: Self) -> Self
  /// The hyperbolic cosine.
  static func cosh(_ x: Self) -> Self
  /// The hyperbolic tangent.
  static func tanh(_ x: Self) -> Self
  /// The error function, 2/√π · ∫₀ˣ e^(−t²) dt.
  static func erf(_ x: Self) -> Self
  /// 1 − erf(x) without cancellation for large x.
  static func erfc(_ x: Self) -> Self
  /// The tangent of an angle in radians.
  static func tan(_ x: Self) -> Self
  /// The angle in radians that has this sine.
  static func asin(_ x: Self) -> Self
  /// The angle in radians that has this cosine.
  static func acos(_ x: Self) -> Self
  /// The angle in radians that has this tangent.
  static func atan(_ x: Self) -> Self
  /// The number that has this hyperbolic sine.
  static func asinh(_ x: Self) -> Self
  /// The number, not negative, that has this hyperbolic cosine.
  static func acosh(_ x: Self) -> Self
  /// The number that has this hyperbolic tangent.
  static func atanh(_ x: Self) -> Self
  /// The logarithm to base 2.
  static func log2(_ x: Self) -> Self
  /// The logarithm to base 10.
  static func log10(_ x: Self) -> Self
  /// 2ˣ.
  static func exp2(_ x: Self) -> Self
  /// ∛x.
  static func cbrt(_ x: Self) -> Self
  /// The angle in radians of the point (x, y), from −π to π.
  static func atan2(_ y: Self, _ x: Self) -> Self
  /// x to the power of y; NaN for x < 0 unless y is an integer.
  static func pow(_ x: Self, _ y: Self) -> Self
}

extension Float: RealScalar {
  public static var dtype: DType { .float32 }
  public static var poison: Float { .nan }
  public static var lowest: Float { -.infinity }
  @inlinable public init(converting value: Double) { self = Float(value) }
  @inlinable public init(narrowing sum: Double) { self = Float(sum) }
  @inlinable public var asDouble: Double { Double(self) }
  @inlinable public var widened: Double { Double(self) }
  @inlinable public var isNotANumber: Bool { isNaN }
  public static func exp(_ x: Float) -> Float { adjointExpFloat(x) }
  public static func expm1(_ x: Float) -> Float { adjointExpm1Float(x) }
  public static func log(_ x: Float) -> Float { adjointLogFloat(x) }
  public static func log1p(_ x: Float) -> Float { adjointLog1pFloat(x) }
  public static func sin(_ x: Float) -> Float { adjointSinFloat(x) }
  public static func cos(_ x: Float) -> Float { adjointCosFloat(x) }
  public static func sinh(_ x: Float) -> Float { adjointSinhFloat(x) }
  public static func cosh(_ x: Float) -> Float { adjointCoshFloat(x) }
  public static func tanh(_ x: Float) -> Float { adjointTanhFloat(x) }
  public static func erf(_ x: Float) -> Float { adjointErfFloat(x) }
  public static func erfc(_ x: Float) -> Float { adjointErfcFloat(x) }
  public static func tan(_ x: Float) -> Float { adjointTanFloat(x) }
  public static func asin(_ x: Float) -> Float { adjointAsinFloat(x) }
  public static func acos(_ x: Float) -> Float { adjointAcosFloat(x) }
  public static func atan(_ x: Float) -> Float { adjointAtanFloat(x) }
  public static func asinh(_ x: Float) -> Float { adjointAsinhFloat(x) }
  public static func acosh(_ x: Float) -> Float { adjointAcoshFloat(x) }
  public static func atanh(_ x: Float) -> Float { adjointAtanhFloat(x) }
  public static func log2(_ x: Float) -> Float { adjointLog2Float(x) }
  public static func log10(_ x: Float) -> Float { adjointLog10Float(x) }
  public static func exp2(_ x: Float) -> Float { adjointExp2Float(x) }
  public static func cbrt(_ x: Float) -> Float { adjointCbrtFloat(x) }
  public static func atan2(_ y: Float, _ x: Float) -> Float { adjointAtan2Float(y, x) }
  public static func pow(_ x: Float, _ y: Float) -> Float { adjointPowFloat(x, y) }
}

extension Double: RealScalar {
  public static var dtype: DType { .float64 }
  public static var poison: Double { .nan }
  public static var lowest: Double { -.infinity }
  @inlinable public init(converting value: Double) { self = value }
  @inlinable public init(narrowing sum: Double) { self = sum }
  @inlinable public var asDouble: Double { self }
  @inlinable public var widened: Double { self }
  @inlinable public var isNotANumber: Bool { isNaN }
  public static func exp(_ x: Double) -> Double { adjointExpDouble(x) }
  public static func expm1(_ x: Double) -> Double { adjointExpm1Double(x) }
  public static func log(_ x: Double) -> Double { adjointLogDouble(x) }
  public static func log1p(_ x: Double) -> Double { adjointLog1pDouble(x) }
  public static func sin(_ x: Double) -> Double { adjointSinDouble(x) }
  public static func cos(_ x: Double) -> Double { adjointCosDouble(x) }
  public static func sinh(_ x: Double) -> Double { adjointSinhDouble(x) }
  public static func cosh(_ x: Double) -> Double { adjointCoshDouble(x) }
  public static func tanh(_ x: Double) -> Double { adjointTanhDouble(x) }
  public static func erf(_ x: Double) -> Double { adjointErfDouble(x) }
  public static func erfc(_ x: Double) -> Double { adjointErfcDouble(x) }
  public static func tan(_ x: Double) -> Double { adjointTanDouble(x) }
  public static func asin(_ x: Double) -> Double { adjointAsinDouble(x) }
  public static func acos(_ x: Double) -> Double { adjointAcosDouble(x) }
  public static func atan(_ x: Double) -> Double { adjointAtanDouble(x) }
  public static func asinh(_ x: Double) -> Double { adjointAsinhDouble(x) }
  public static func acosh(_ x: Double) -> Double { adjointAcoshDouble(x) }
  public static func atanh(_ x: Double) -> Double { adjointAtanhDouble(x) }
  public static func log2(_ x: Double) -> Double { adjointLog2Double(x) }
  public static func log10(_ x: Double) -> Double { adjointLog10Double(x) }
  public static func exp2(_ x: Double) -> Double { adjointExp2Double(x) }
  public static func cbrt(_ x: Double) -> Double { adjointCbrtDouble(x) }
  public static func atan2(_ y: Double, _ x: Double) -> Double { adjointAtan2Double(y, x) }
  public static func pow(_ x: Double, _ y: Double) -> Double { adjointPowDouble(x, y) }
}

extension TensorScalar {
  /// Converts a number; stops the program at one that does not fit an int32.
  @inlinable
  init(checking value: Double) {
    if Self.self == Int32.self {
      require(
        value > -2_147_483_649 && value < 2_147_483_648,
        "cast: \(value) does not fit an int32; "
          + (value.isNaN ? "select another number where x .!= x first" : "clamp the values first"))
    }
    self.init(converting: value)
  }
}

extension Int32: NumericScalar {
  public static var dtype: DType { .int32 }
  public static var poison: Int32 { .min }
  public static var lowest: Int32 { .min }
  @inlinable public init(converting value: Double) { self = Int32(value) }
  @inlinable public init(narrowing sum: Int) {
    guard let number = Int32(exactly: sum) else {
      stop("sum: \(sum) does not fit an int32; cast to float64 first")
    }
    self = number
  }
  @inlinable public var asDouble: Double { Double(self) }
  @inlinable public var widened: Int { Int(self) }
  @inlinable public var isNotANumber: Bool { false }
}

extension Bool: TensorScalar {
  public static var dtype: DType { .bool }
  public static var zero: Bool { false }
  public static var poison: Bool { false }
  @inlinable public init(converting value: Double) { self = value != 0 }
  @inlinable public var asDouble: Double { self ? 1 : 0 }
}
