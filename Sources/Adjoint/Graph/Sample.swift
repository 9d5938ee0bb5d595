/// A call of an operation on float64 inputs, to check it with.
public struct Sample: Sendable {
  /// What is special about the call.
  public let label: String
  /// The operation with its attributes.
  public let operation: any Operation
  /// The inputs; floating-point ones are float64.
  public let inputs: [Tensor]
  /// Whether the operation has a derivative at the inputs; if not, only values are compared.
  public let isSmooth: Bool

  /// Makes a sample.
  public init(
    _ label: String, _ operation: any Operation, _ inputs: [Tensor], isSmooth: Bool = true
  ) {
    self.label = label
    self.operation = operation
    self.inputs = inputs
    self.isSmooth = isSmooth
  }
}

/// A call that stops the program, and the message that it stops with.
public struct Misuse: Sendable {
  /// The message.
  public let message: String
  /// The call.
  public let call: @Sendable () -> Void

  /// Makes a misuse.
  public init(_ message: String, _ call: @escaping @Sendable () -> Void) {
    self.message = message
    self.call = call
  }
}
