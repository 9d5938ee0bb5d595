/// A differentiable function of one number: a line of the table in `UnaryFunctions.swift`.
///
/// Conform to it for a function of your own, and apply it with ``Unary``:
///
/// ```swift
/// enum Cube: UnaryFunction {
///   static let name = "cube"
///   static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x * x * x }
///   static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { g.scaled(by: 3 * x * x) }
/// }
/// let y = Unary<Cube>()(x)
/// ```
public protocol UnaryFunction: Sendable {
  /// What the function is called in listings and messages.
  static var name: String { get }
  /// The formula.
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar
  /// Applies the formula to every element. Not to be written by hand: a conforming type has a loop of its
  /// own here, in which the compiler knows the formula.
  static func apply(to x: Span<Float>, writing y: inout MutableSpan<Float>)
  /// The same for float64.
  static func apply(to x: Span<Double>, writing y: inout MutableSpan<Double>)
  /// Which of x and y the pullback reads; both unless said otherwise.
  static var reads: Reads { get }
  /// The cotangent of x for the cotangent `g` of y; nil where the derivative is 0 everywhere.
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor?
  /// Whether ``compiledKernel(_:)`` computes the function; not unless said otherwise.
  static var isCompiled: Bool { get }
  /// Computes output 0 of a frame from input 0 faster than `value` does element by element, such as by a
  /// library of the platform.
  static func compiledKernel(_ frame: borrowing CompiledFrame)
  /// Where samples are taken; −3 ... 3 unless said otherwise.
  static var domain: ClosedRange<Double> { get }
  /// Further arguments to check, at which the function has a derivative.
  static var hardCases: [Double] { get }
  /// Arguments at which it has none, and at which one piece of the function ends.
  static var kinks: [Double] { get }
}

extension UnaryFunction {
  /// Applies the formula to every element: the loop that a conforming type has as its own.
  // A generic type that is reached through `any Operation` is not specialised: the loop would look up what
  // the formula is for each element. The witness of a conforming type is.
  @inlinable
  public static func apply<Scalar: RealScalar>(
    to x: Span<Scalar>, writing y: inout MutableSpan<Scalar>
  ) {
    for i in x.indices { y[i] = value(x[i]) }
  }
  public static var reads: Reads { .everything }
  public static var isCompiled: Bool { false }
  public static func compiledKernel(_ frame: borrowing CompiledFrame) {
    stop("\(name): has no compiled kernel, which isCompiled says there is")
  }
  public static var domain: ClosedRange<Double> { -3...3 }
  public static var hardCases: [Double] { [] }
  public static var kinks: [Double] { [] }
}

/// A function of one number applied to every element.
///
///     x: [A…]   →   [A…]
public struct Unary<Function: UnaryFunction>: Operation {
  /// Makes the operation.
  public init() {}

  /// Applies the function.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    // The shape rule, known without asking it: recording is nearly all that small operations cost.
    guard x.dtype.isFloatingPoint else { return outputs(of: [x])[0] }
    return apply(to: x, x.type)
  }

  public var name: String { Function.name }
  public var reads: Reads { Function.reads }

  public func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 1)
    return inputs
  }

  public func kernel(_ frame: inout KernelFrame<Float>) {
    let x = frame.input(0).span
    var output = frame.output(0)
    var y = output.span
    Function.apply(to: x, writing: &y)
  }

  public func kernel(_ frame: inout KernelFrame<Double>) {
    let x = frame.input(0).span
    var output = frame.output(0)
    var y = output.span
    Function.apply(to: x, writing: &y)
  }

  public func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    Function.isCompiled ? Scratch() : nil
  }

  public func compiledKernel(
    _ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace
  ) { Function.compiledKernel(frame) }

  public var readsRepetitions: Bool { true }

  public func pullback(_ rule: inout Pullback) {
    guard rule.wants(0) else { return }
    let (x, y, g) = (rule.input(0), rule.output(), rule.cotangent)
    if let cotangent = Function.pullback(g, x: x, y: y) { rule.set(0, to: cotangent) }
  }

  public func branches(inputs: [Tensor], outputs: [Tensor]) -> Tensor? {
    Function.kinks.map { (inputs[0] - $0).side }
      .reduce(nil) { sum, piece in sum.map { $0 * 3 + piece } ?? piece }
  }

  public static var samples: [Sample] {
    var samples = [
      Sample("domain", Unary(), [.sample([2, 4], in: Function.domain)]),
      Sample("empty", Unary(), [.sample([0, 2])]),
      Sample("scalar", Unary(), [.sample([], in: Function.domain, seed: 2)]),
    ]
    for x in Function.hardCases { samples.append(Sample("at \(x)", Unary(), [Tensor(x)])) }
    for x in Function.kinks {
      samples.append(Sample("kink at \(x)", Unary(), [Tensor(x)], isSmooth: false))
    }
    return samples
  }

  public static var misuses: [Misuse] {
    let message =
      "\(Function.name): int32[2] is not floating-point; cast(to: .float32) or .float64 first"
    return [Misuse(message) { _ = Unary()(Tensor([1, 2] as [Int32])) }]
  }
}

extension Unary: FunctionApplication {}
