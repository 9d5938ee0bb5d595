/// Element types, such as those that an operation computes.
public struct ElementTypes: OptionSet, Hashable, Sendable {
  /// A bit for each element type, by its raw value.
  public let rawValue: UInt8

  /// The element types whose bits are set.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  private init(_ dtypes: DType...) {
    rawValue = dtypes.reduce(0) { $0 | 1 << $1.rawValue }
  }

  /// float32 alone.
  public static let float32 = ElementTypes(.float32)
  /// float64 alone.
  public static let float64 = ElementTypes(.float64)
  /// int32 alone.
  public static let int32 = ElementTypes(.int32)
  /// float32 and float64.
  public static let real = ElementTypes(.float32, .float64)
  /// float32, float64 and int32.
  public static let numeric = ElementTypes(.float32, .float64, .int32)
  /// Masks.
  public static let bool = ElementTypes(.bool)
  /// All four.
  public static let all = ElementTypes(.float32, .float64, .int32, .bool)

  /// Whether an element type is among them.
  public func contains(_ dtype: DType) -> Bool { rawValue >> dtype.rawValue & 1 == 1 }

  /// What is wrong with a tensor of another type, and what to do.
  func objection(to type: TensorType) -> String {
    switch self {
    case .bool: "\(type) is not bool; compare, as in x .> 0"
    case .real: "\(type) is not floating-point; cast(to: .float32) or .float64 first"
    case .numeric: "\(type) is not a number; cast(to: .int32) first"
    default:
      "has no kernel for \(type.dtype); it computes "
        + DType.allCases.filter(contains).map(\.description).joined(separator: ", ")
    }
  }
}

extension Tensor {
  /// Stops unless the elements are floating-point, as `operation` needs them.
  package func requireFloatingPoint(_ operation: @autoclosure () -> String) {
    if !dtype.isFloatingPoint { stop("\(operation()): " + ElementTypes.real.objection(to: type)) }
  }
}
