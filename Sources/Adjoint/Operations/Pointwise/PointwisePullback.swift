internal import AdjointKernels

/// What a function of a few numbers sends back to one of them, as one pass over memory: a function of the
/// cotangent g and of up to three more numbers.
///
/// A cotangent that is 0 sends back 0, even where the derivative is infinite.
protocol PullbackFunction: Sendable {
  static var name: String { get }
  /// The instruction of the kernels in C.
  static var instruction: AdjointInstruction { get }
  /// How many numbers there are, g included: 2 to 4. The formula gets g for those beyond.
  static var operandCount: Int { get }
  /// The formula.
  static func value<Scalar: RealScalar>(
    _ g: Scalar, _ a: Scalar, _ b: Scalar, _ c: Scalar
  ) -> Scalar
  /// Applies the formula to all elements, in a loop that knows it.
  static func apply(
    to g: Span<Float>, _ a: Span<Float>, _ b: Span<Float>, _ c: Span<Float>,
    writing y: inout MutableSpan<Float>)
  static func apply(
    to g: Span<Double>, _ a: Span<Double>, _ b: Span<Double>, _ c: Span<Double>,
    writing y: inout MutableSpan<Double>)
  /// The formula in ordinary operations, which gives the higher derivatives. The first operand is g.
  static func composed(_ operands: [Tensor]) -> Tensor
  /// The derivative by operand 1, divided by g, of a function of two operands, where one is known that is
  /// better than that of the composition.
  static func curvature(_ operands: [Tensor]) -> Tensor?
  /// Whether the derivatives by all operands but g are 0 wherever they exist.
  static var isPiecewiseConstant: Bool { get }
  /// Where samples of the operands besides g are taken.
  static var domains: [ClosedRange<Double>] { get }
  /// Further values of these operands to check.
  static var hardCases: [[Double]] { get }
  /// Values of these operands at which there is no derivative.
  static var kinks: [[Double]] { get }
  /// A number whose sign says which piece an element is on.
  static func boundary(_ operands: [Tensor]) -> Tensor?
}

extension PullbackFunction {
  static func apply<Scalar: RealScalar>(
    to g: Span<Scalar>, _ a: Span<Scalar>, _ b: Span<Scalar>, _ c: Span<Scalar>,
    writing y: inout MutableSpan<Scalar>
  ) {
    for i in g.indices { y[i] = value(g[i], a[i], b[i], c[i]) }
  }
  static func curvature(_ operands: [Tensor]) -> Tensor? { nil }
  static var isPiecewiseConstant: Bool { false }
  static var hardCases: [[Double]] { [] }
  static var kinks: [[Double]] { [] }
  static func boundary(_ operands: [Tensor]) -> Tensor? { nil }
}

/// The pullback of a function of a few numbers by one of them, element by element.
///
///     g: [A…], a: [A…], …   →   [A…]
struct PointwisePullback<Function: PullbackFunction>: FusedOperation, InstructionOperation {
  var name: String { Function.name }
  var instruction: AdjointInstruction { Function.instruction }
  var reads: Reads { Function.isPiecewiseConstant ? .inputs(1, 2, 3) : .inputs(0, 1, 2, 3) }

  /// Applies the function to operands of one type.
  func callAsFunction(_ operands: Tensor...) -> Tensor {
    guard operands.count == 2, operands[0].type == operands[1].type else {
      return outputs(of: operands)[0]
    }
    return apply(to: operands[0], operands[1], operands[0].type)
  }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireOneType(inputs, count: Function.operandCount)
    for type in inputs.dropFirst() {
      require(
        type.shape == inputs[0].shape,
        "\(name): \(inputs[0]) and \(type) differ in shape; broadcast one of them")
    }
    return [inputs[0]]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] { [Function.composed(inputs)] }

  func kernel(_ frame: inout KernelFrame<Float>) {
    let (g, a) = (frame.input(0).span, frame.input(1).span)
    let (b, c) = (frame.input(place(2)).span, frame.input(place(3)).span)
    var output = frame.output(0)
    var y = output.span
    Function.apply(to: g, a, b, c, writing: &y)
  }

  func kernel(_ frame: inout KernelFrame<Double>) {
    let (g, a) = (frame.input(0).span, frame.input(1).span)
    let (b, c) = (frame.input(place(2)).span, frame.input(place(3)).span)
    var output = frame.output(0)
    var y = output.span
    Function.apply(to: g, a, b, c, writing: &y)
  }

  /// The operand that the formula gets under a number.
  private func place(_ number: Int) -> Int { number < Function.operandCount ? number : 0 }

  /// The pullback is linear in g: its own, by g, is the same function of another cotangent.
  func fusedPullback(_ rule: inout Pullback) -> Bool {
    let others = 1..<Function.operandCount
    let g = rule.cotangent
    let operands = others.map { rule.input($0) }
    rule.set(0, to: outputs(of: [g] + operands)[0])
    if rule.wants(1), let curvature = Function.curvature([g] + operands) {
      let inner = rule.input(0)
      rule.set(1, to: g.scaledOrZero(by: inner).scaled(by: curvature))
      return true
    }
    return Function.isPiecewiseConstant || !others.contains(where: rule.wants)
  }

  func branches(inputs: [Tensor], outputs: [Tensor]) -> Tensor? {
    Function.boundary(inputs)?.side
  }

  static var samples: [Sample] {
    func sample(_ label: String, _ shape: [Int]) -> Sample {
      Sample(
        label, PointwisePullback(),
        [.sample(shape, seed: 1)]
          + Function.domains.enumerated().map {
            .sample(shape, in: $0.element, seed: UInt64($0.offset + 2))
          })
    }
    func samples(at points: [[Double]], _ label: String, isSmooth: Bool) -> [Sample] {
      points.map { point in
        Sample(
          "\(label) \(point)", PointwisePullback(),
          ([0.7] + point).map { Tensor($0, dtype: .float64) }, isSmooth: isSmooth)
      }
    }
    return [sample("domain", [2, 4]), sample("empty", [0, 2]), sample("scalar", [])]
      + samples(at: Function.hardCases, "at", isSmooth: true)
      + samples(at: Function.kinks, "kink at", isSmooth: false)
  }

  static var misuses: [Misuse] {
    let name = Function.name
    let rest = Array(repeating: Tensor.zeros([3]), count: Function.operandCount - 1)
    return [
      Misuse("\(name): float32[2] and float32[3] differ in shape; broadcast one of them") {
        _ = PointwisePullback().outputs(of: [.zeros([2])] + rest)
      }
    ]
  }
}
