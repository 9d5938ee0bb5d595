/// A differentiable function of two numbers: a line of the table in `BinaryFunctions.swift`.
///
/// Conform to it for a function of your own, and apply it with ``Binary``.
public protocol BinaryFunction: Sendable {
  /// What the function is called in listings and messages.
  static var name: String { get }
  /// The formula.
  static func value<Scalar: RealScalar>(_ a: Scalar, _ b: Scalar) -> Scalar
  /// The formula for integers, if there is one.
  static func value(_ a: Int32, _ b: Int32) -> Int32
  /// Applies the formula to every pair of elements. Not to be written by hand: a conforming type has a
  /// loop of its own here, in which the compiler knows the formula.
  static func apply(to a: Span<Float>, _ b: Span<Float>, writing y: inout MutableSpan<Float>)
  /// The same for float64.
  static func apply(to a: Span<Double>, _ b: Span<Double>, writing y: inout MutableSpan<Double>)
  /// The same for integers.
  static func apply(to a: Span<Int32>, _ b: Span<Int32>, writing y: inout MutableSpan<Int32>)
  /// Whether there is a formula for integers.
  static var takesIntegers: Bool { get }
  /// Which of a, b and y the pullback reads; all unless said otherwise.
  static var reads: Reads { get }
  /// Sets the cotangents of a and b.
  static func pullback(_ rule: inout Pullback)
  /// Whether ``compiledKernel(_:)`` computes the function; not unless said otherwise.
  static var isCompiled: Bool { get }
  /// Computes output 0 of a frame from inputs 0 and 1 faster than `value` does pair by pair, such as by a
  /// library of the platform.
  static func compiledKernel(_ frame: borrowing CompiledFrame)
  /// A number whose sign says which piece of a piecewise function an element is on; else nil.
  static func boundary(_ a: Tensor, _ b: Tensor) -> Tensor?
  /// Where samples of a are taken; −3 ... 3 unless said otherwise.
  static var leftDomain: ClosedRange<Double> { get }
  /// Where samples of b are taken; −3 ... 3 unless said otherwise.
  static var rightDomain: ClosedRange<Double> { get }
  /// Further arguments to check, at which the function has a derivative.
  static var hardCases: [(Double, Double)] { get }
  /// Arguments at which it has none.
  static var kinks: [(Double, Double)] { get }
}

extension BinaryFunction {
  /// Applies the formula to every pair of elements: the loop that a conforming type has as its own.
  // As for functions of one number: the witness of a conforming type is specialised.
  @inlinable
  public static func apply<Scalar: RealScalar>(
    to a: Span<Scalar>, _ b: Span<Scalar>, writing y: inout MutableSpan<Scalar>
  ) {
    for i in a.indices { y[i] = value(a[i], b[i]) }
  }
  /// Applies the formula for integers to every pair of elements.
  @inlinable
  public static func apply(
    to a: Span<Int32>, _ b: Span<Int32>, writing y: inout MutableSpan<Int32>
  ) {
    for i in a.indices { y[i] = value(a[i], b[i]) }
  }
  public static func value<Scalar: Equatable>(_ a: Scalar, _ b: Scalar) -> Scalar {
    stop("\(name): has no formula for integers; cast the operands to float32 or float64")
  }
  public static var takesIntegers: Bool { false }
  public static var isCompiled: Bool { false }
  public static func compiledKernel(_ frame: borrowing CompiledFrame) {
    stop("\(name): has no compiled kernel, which isCompiled says there is")
  }
  public static var reads: Reads { .everything }
  public static func boundary(_ a: Tensor, _ b: Tensor) -> Tensor? { nil }
  public static var leftDomain: ClosedRange<Double> { -3...3 }
  public static var rightDomain: ClosedRange<Double> { -3...3 }
  public static var hardCases: [(Double, Double)] { [] }
  public static var kinks: [(Double, Double)] { [] }
}

/// A function of two numbers applied element by element.
///
///     a: [A…], b: [A…]   →   [A…]
public struct Binary<Function: BinaryFunction>: Operation {
  /// Makes the operation.
  public init() {}

  /// Applies the function to operands of one type.
  public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor {
    // The shape rule, known without asking it: recording is nearly all that small operations cost.
    guard a.dtype.isFloatingPoint, a.type == b.type else { return outputs(of: [a, b])[0] }
    return apply(to: a, b, a.type)
  }

  public var name: String { Function.name }
  public var reads: Reads { Function.reads }
  public var elementTypes: ElementTypes { Function.takesIntegers ? .numeric : .real }

  /// Applies the function to operands of any two shapes that broadcast to one.
  public func broadcasting(_ a: Tensor, _ b: Tensor) -> Tensor {
    if a.type == b.type { return self(a, b) }
    let operands = Tensor.aligned([a, b], name)
    return self(operands[0], operands[1])
  }

  public func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireOneType(inputs, count: 2)
    require(
      inputs[0].shape == inputs[1].shape,
      "\(name): \(inputs[0]) and \(inputs[1]) differ in shape; broadcast one of them")
    return [inputs[0]]
  }

  public func kernel(_ frame: inout KernelFrame<Float>) {
    let (a, b) = (frame.input(0).span, frame.input(1).span)
    var output = frame.output(0)
    var y = output.span
    Function.apply(to: a, b, writing: &y)
  }

  public func kernel(_ frame: inout KernelFrame<Double>) {
    let (a, b) = (frame.input(0).span, frame.input(1).span)
    var output = frame.output(0)
    var y = output.span
    Function.apply(to: a, b, writing: &y)
  }

  public func kernel(_ frame: inout KernelFrame<Int32>) {
    let (a, b) = (frame.input(0).span, frame.input(1).span)
    var output = frame.output(0)
    var y = output.span
    Function.apply(to: a, b, writing: &y)
  }

  /// Not for integers: sums and products are looked at one by one, as they may not fit.
  public func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    Function.isCompiled && operands.dtype != .int32 ? Scratch() : nil
  }

  public func compiledKernel(
    _ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace
  ) { Function.compiledKernel(frame) }

  public var readsRepetitions: Bool { true }

  public func pullback(_ rule: inout Pullback) { Function.pullback(&rule) }

  public func branches(inputs: [Tensor], outputs: [Tensor]) -> Tensor? {
    guard inputs[0].dtype.isFloatingPoint else { return nil }
    return Function.boundary(inputs[0], inputs[1])?.side
  }

  public static var samples: [Sample] {
    func sample(_ label: String, _ shape: [Int]) -> Sample {
      Sample(
        label, Binary(),
        [
          .sample(shape, in: Function.leftDomain, seed: 1),
          .sample(shape, in: Function.rightDomain, seed: 2),
        ])
    }
    return [sample("domain", [2, 4]), sample("empty", [0, 2]), sample("scalar", [])]
      + Function.hardCases.map { Sample("at \($0)", Binary(), [Tensor($0.0), Tensor($0.1)]) }
      + Function.kinks.map {
        Sample("kink at \($0)", Binary(), [Tensor($0.0), Tensor($0.1)], isSmooth: false)
      }
  }

  public static var misuses: [Misuse] {
    let name = Function.name
    return [
      Misuse("\(name): float32[32, 10] and float32[32, 12] differ in axis 1; broadcast one of them")
      {
        _ = Binary().broadcasting(.zeros([32, 10]), .zeros([32, 12]))
      },
      Misuse("\(name): float32[2] and float64[2] differ in element type; cast one of them") {
        _ = Binary()(.zeros([2]), .zeros([2], dtype: .float64))
      },
      Misuse("\(name): float32[2] and float32[2, 1] differ in shape; broadcast one of them") {
        _ = Binary()(.zeros([2]), .zeros([2, 1]))
      },
    ]
  }
}

extension Binary: FunctionApplication {}
