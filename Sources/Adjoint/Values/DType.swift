/// The type of a tensor's elements, known at run time.
public enum DType: UInt8, Sendable, CaseIterable {
  /// IEEE 754 binary32, `Float`: what models are trained in.
  case float32
  /// IEEE 754 binary64, `Double`: what gradients are checked in.
  case float64
  /// `Int32`: labels, indices and random keys. Not differentiable.
  case int32
  /// `Bool`: masks. Not differentiable.
  case bool

  /// The size of an element in bytes.
  public var byteCount: Int {
    switch self {
    case .float32, .int32: 4
    case .float64: 8
    case .bool: 1
    }
  }

  /// Whether tensors of this type have gradients.
  public var isFloatingPoint: Bool { self == .float32 || self == .float64 }

  /// The largest finite number; 1 for bool.
  var largest: Double {
    switch self {
    case .float32: Double(Float.greatestFiniteMagnitude)
    case .float64: Double.greatestFiniteMagnitude
    case .int32: Double(Int32.max)
    case .bool: 1
    }
  }

  /// A number as an element of this floating-point type, rounded to nearest.
  func rounded(_ value: Double) -> Double {
    self == .float32 ? Double(Float(value)) : value
  }

  /// The largest element of this floating-point type below a number.
  func rounded(below value: Double) -> Double {
    guard self == .float32 else { return value.nextDown }
    let nearest = Float(value)
    return Double(Double(nearest) < value ? nearest : nearest.nextDown)
  }

  /// The distance from 1 to the next larger number; 0 for int32 and bool.
  public var epsilon: Double {
    switch self {
    case .float32: Double(Float.ulpOfOne)
    case .float64: Double.ulpOfOne
    case .int32, .bool: 0
    }
  }
}

extension DType {
  /// A positive number, or the least one that has all digits of a floating-point type.
  package func positive(_ number: Double) -> Double {
    let least = self == .float32 ? Double(Float.leastNormalMagnitude) : .leastNormalMagnitude
    return number < least ? least : number
  }
}

extension DType: CustomStringConvertible {
  /// The name as it stands in shapes and messages, such as `float32`.
  public var description: String {
    switch self {
    case .float32: "float32"
    case .float64: "float64"
    case .int32: "int32"
    case .bool: "bool"
    }
  }
}
