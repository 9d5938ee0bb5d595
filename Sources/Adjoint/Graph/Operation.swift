/// A function of tensors that knows its derivative.
///
/// Everything that Adjoint knows about an operation stands in the type that conforms: what it makes
/// of shapes, how it computes, how gradients go back through it, and calls to try it with.
/// Operations of your own conform to it in the same way, from outside the package, and are checked
/// in the same way.
///
/// ```swift
/// struct Cube: Operation {
///   var name: String { "cube" }
///   func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
///   func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
///     let x = frame.input(0)
///     var y = frame.output(0)
///     for i in x.indices { y[i] = x[i] * x[i] * x[i] }
///   }
///   func pullback(_ rule: inout Pullback) {
///     let (x, g) = (rule.input(0), rule.cotangent)
///     rule.set(0, to: g.scaled(by: 3 * x * x))
///   }
/// }
/// let y = Cube()(x)
/// ```
///
/// An operation is a value, equal to another with the same attributes, so that graphs can be compared.
/// What may differ from call to call is an input, numbers included: a learning rate as an attribute
/// would make another operation of every step.
public protocol Operation: Sendable, Hashable {
  /// What the operation is called in listings and messages. Computed, not stored: an entry holds small
  /// operations in place.
  var name: String { get }
  /// The attributes as text for listings, such as `axes: [0, 1]`; empty if there are none.
  var attributes: String { get }

  /// The shape rule: the types of the outputs for inputs of the given types.
  ///
  /// Called when the operation is recorded, before any value is known. It stops the program with
  /// ``require(_:_:)`` if the operation cannot be applied to the inputs.
  func outputTypes(for inputs: [TensorType]) -> [TensorType]

  /// Which element types the operation computes, of those that ``kernelType`` may
  /// be; float32 and float64 unless said otherwise. The program stops at others.
  var elementTypes: ElementTypes { get }
  /// Computes float32 outputs. A kernel that is generic over its scalar serves as all of the four.
  func kernel(_ frame: inout KernelFrame<Float>)
  /// Computes float64 outputs.
  func kernel(_ frame: inout KernelFrame<Double>)
  /// Computes int32 outputs.
  func kernel(_ frame: inout KernelFrame<Int32>)
  /// Computes bool outputs.
  func kernel(_ frame: inout KernelFrame<Bool>)
  /// Which of the four kernels runs; nil for that of the first input's element type.
  var kernelType: DType? { get }
  /// The memory that the compiled kernel works in; nil where there is none for these operands, and
  /// `kernel` runs.
  func scratch(for operands: borrowing CompiledFrame) -> Scratch?
  /// Computes the outputs faster than `kernel`, which defines them: up to rounding they are the same.
  /// Allocates nothing.
  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace)
  /// Whether the compiled kernel makes use of inputs that only say how they repeat other elements;
  /// else they are written out first.
  var readsRepetitions: Bool { get }
  /// How output 0 repeats the elements of input 0, if that is all it does: then no kernel need run.
  func repetition(of input: TensorType) -> Repetition?

  /// Which values the pullback reads. What is not declared reaches the rule as NaN.
  var reads: Reads { get }
  /// The vector-Jacobian product: sets the cotangent of each input from those of the outputs.
  ///
  /// Written in tensor operations, so that it can be recorded and differentiated again. It may record,
  /// not look: one that reads a value stops the program.
  func pullback(_ rule: inout Pullback)

  /// The input that is a cotangent, in which the operation is linear; nil if there is none.
  ///
  /// Where all of it is 0, so are the outputs, whatever the other inputs are, infinite ones included, and no
  /// kernel runs: what has no influence gets no gradient.
  var cotangentInput: Int? { get }

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
  public var elementTypes: ElementTypes { .real }
  public func scratch(for operands: borrowing CompiledFrame) -> Scratch? { nil }
  public func compiledKernel(
    _ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace
  ) {
    stop("\(name): has no compiled kernel, for which scratch(for:) declares memory")
  }
  public var readsRepetitions: Bool { false }
  public func repetition(of input: TensorType) -> Repetition? { nil }
  public var kernelType: DType? { nil }
  public var reads: Reads { .everything }
  public var cotangentInput: Int? { nil }
  public func branches(inputs: [Tensor], outputs: [Tensor]) -> Tensor? { nil }
  public static var samples: [Sample] { [] }
  public static var misuses: [Misuse] { [] }

  /// Stands in for the kernels of element types that an operation does not compute.
  public func kernel<Scalar>(_ frame: inout KernelFrame<Scalar>) {
    stop(
      "\(name): has no kernel for \(Scalar.dtype), which elementTypes declares; make the kernel "
        + "generic over its scalar, or declare what it computes")
  }
}

extension Operation {
  /// The types of the outputs, after all that can be said against the operands has been.
  func types(for inputs: [TensorType]) -> [TensorType] {
    let outputs = outputTypes(for: inputs)
    requireOutputs(outputs)
    if let objection = objection(to: inputs, outputs) { stop(objection) }
    return outputs
  }

  /// Stops at an operation that makes nothing.
  func requireOutputs(_ outputs: [TensorType]) {
    require(
      !outputs.isEmpty,
      "\(name): outputTypes(for:) gives no types; an operation has one output or more")
  }

  /// What is wrong with operands of an element type that the operation does not compute; nil if nothing
  /// is.
  func objection(to inputs: [TensorType], _ outputs: [TensorType]) -> String? {
    let dtype = kernelType ?? (inputs.first ?? outputs[0]).dtype
    if elementTypes.contains(dtype) { return nil }
    let type = inputs.first { $0.dtype == dtype } ?? outputs[0].with(dtype)
    return "\(name): " + elementTypes.objection(to: type)
  }

  /// Stops unless the operands are as many as the operation takes.
  func requireCount(_ inputs: [TensorType], _ count: Int) {
    require(inputs.count == count, "\(name): takes \(count) operands, got \(inputs.count)")
  }

  /// Stops unless the operands are as many as the operation takes, and of one element type.
  func requireOneType(_ inputs: [TensorType], count: Int) {
    requireCount(inputs, count)
    for type in inputs.dropFirst() { requireSameDType(inputs[0], type) }
  }

  /// Stops unless two operands have one element type.
  func requireSameDType(_ left: TensorType, _ right: TensorType) {
    require(
      left.dtype == right.dtype,
      "\(name): \(left) and \(right) differ in element type; cast one of them")
  }
}
