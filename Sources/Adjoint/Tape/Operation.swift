/// A function of tensors that knows its derivative.
///
/// Everything that Adjoint knows about an operation stands in the type that conforms: what it makes
/// of shapes, how it computes, how gradients go back through it, and calls to try it with.
/// Operations of your own conform to it in the same way, from outside the package, and are checked
/// in the same way.
///
/// ```swift
/// struct Cube: Operation {
///   let name = "cube"
///   func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
///   func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
///     let x = frame.input(0)
///     var y = frame.output(0)
///     for i in x.indices { y[i] = x[i] * x[i] * x[i] }
///   }
///   func pullback(_ rule: inout Pullback) {
///     let (x, g) = (rule.input(0), rule.cotangent)
///     rule.set(0, to: g * 3 * x * x)
///   }
/// }
/// let y = Cube()(x)
/// ```
public protocol Operation: Sendable {
  /// What the operation is called in listings and messages.
  var name: String { get }
  /// The attributes as text for listings, such as `axes: [0, 1]`; empty if there are none.
  var attributes: String { get }

  /// The shape rule: the types of the outputs for inputs of the given types.
  ///
  /// Called when the operation is recorded, before any value is known. It stops the program with
  /// ``require(_:_:)`` if the operation cannot be applied to the inputs.
  func outputTypes(for inputs: [TensorType]) -> [TensorType]

  /// Computes float32 outputs. A kernel that is generic over its scalar serves as all of the four.
  func kernel(_ frame: inout KernelFrame<Float>)
  /// Computes float64 outputs.
  func kernel(_ frame: inout KernelFrame<Double>)
  /// Computes int32 outputs.
  func kernel(_ frame: inout KernelFrame<Int32>)
  /// Computes bool outputs.
  func kernel(_ frame: inout KernelFrame<Bool>)
  /// Which of the four kernels runs; unless said otherwise, that of the first input's element type.
  func kernelType(inputs: [TensorType], outputs: [TensorType]) -> DType
  /// How output 0 repeats the elements of input 0, if that is all it does: then no kernel need run.
  func repetition(of inputs: [TensorType]) -> Repetition?

  /// Which values the pullback reads. What is not declared reaches the rule as NaN.
  var reads: Reads { get }
  /// The vector-Jacobian product: sets the cotangent of each input from those of the outputs.
  ///
  /// Written in tensor operations, so that it can be recorded and differentiated again.
  func pullback(_ rule: inout Pullback)

  /// Which piece of a piecewise function each element is on, as int32; nil for a smooth function.
  ///
  /// Such as the sign of the argument of relu. The gradient checker compares the pieces on both
  /// sides of a point: where they differ, a finite difference says nothing.
  func branches(inputs: [Tensor], outputs: [Tensor]) -> Tensor?

  /// Calls in float64 that every check of the operation walks: usual shapes and hard ones.
  static var samples: [Sample] { get }
  /// Calls that stop the program, each with the message it stops with.
  static var misuses: [Misuse] { get }
}

extension Operation {
  public var attributes: String { "" }
  public func repetition(of inputs: [TensorType]) -> Repetition? { nil }
  public var reads: Reads { .everything }
  public func branches(inputs: [Tensor], outputs: [Tensor]) -> Tensor? { nil }
  public static var samples: [Sample] { [] }
  public static var misuses: [Misuse] { [] }

  public func kernelType(inputs: [TensorType], outputs: [TensorType]) -> DType {
    (inputs.first ?? outputs[0]).dtype
  }

  /// Stands in for the kernels of element types that an operation does not compute.
  public func kernel<Scalar>(_ frame: inout KernelFrame<Scalar>) {
    frame.isMissing = true
  }
}

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
