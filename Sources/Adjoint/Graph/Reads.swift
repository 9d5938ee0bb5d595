/// Which values a pullback reads, so that the others need not be kept for it.
public struct Reads: Sendable {
  private let inputs: UInt64
  private let outputs: UInt64

  /// No value: the operation is linear.
  public static let nothing = Reads(inputs: 0, outputs: 0)
  /// Every input and every output; what is assumed of an operation that does not say.
  public static let everything = Reads(inputs: .max, outputs: .max)

  /// The inputs with the given numbers.
  public static func inputs(_ numbers: Int...) -> Reads { Reads(inputs: mask(numbers), outputs: 0) }

  /// The outputs with the given numbers.
  public static func outputs(_ numbers: Int...) -> Reads {
    Reads(inputs: 0, outputs: mask(numbers))
  }

  /// What either of two declarations names.
  public func and(_ other: Reads) -> Reads {
    Reads(inputs: inputs | other.inputs, outputs: outputs | other.outputs)
  }

  /// Whether an input is among them.
  public func includes(input number: Int) -> Bool { inputs >> min(UInt64(number), 63) & 1 == 1 }

  /// Whether an output is among them.
  public func includes(output number: Int) -> Bool { outputs >> min(UInt64(number), 63) & 1 == 1 }

  /// The numbers as bits; those from 63 up share one, as an operation of so many inputs treats them
  /// alike.
  private static func mask(_ numbers: [Int]) -> UInt64 {
    numbers.reduce(0) { $0 | 1 << UInt64(min($1, 63)) }
  }
}
