import Adjoint
import AdjointNN

/// Checks the gradients of a function of tensors against finite differences.
///
/// Floating-point inputs are taken in float64, and each of their elements is moved by ever smaller
/// steps; the cotangents of the outputs are random. Beyond 512 elements, or where time does not allow
/// more, an input is checked along random directions and in some of its elements. The tolerance is not
/// chosen but follows from the noise of the function's values, from what the extrapolation says of its own
/// error, and from what rounding of the inputs makes of the gradient. Where a piecewise operation changes
/// its piece no difference is taken. Besides, the gradient must be the same at each call, finite, linear in
/// the cotangent, and the same for any subset of inputs; and in float32 it must be that of float64.
///
/// ```swift
/// let report = checkGradients(at: [x, w]) { [$0[0].matMul($0[1]).tanh()] }
/// precondition(report.passed, "\(report)")
/// ```
///
/// - Parameters:
///   - inputs: the point. Integers and masks are left as they are.
///   - order: 1 for the gradients, 2 for the derivatives of the gradients too.
///   - seed: the seed of the cotangents and directions.
///   - name: what the report calls the function.
///   - inputNames: what the report calls the inputs.
///   - options: what is checked, how long, and what is known about it.
///   - function: the function, in tensor operations.
/// - Precondition: `order` is 1 or 2, there is a name for each input if there are any, all differ and none is empty,
///   nor is the function's, and the options name inputs that there are, each once.
public func checkGradients(
  at inputs: [Tensor], order: Int = 1, seed: UInt64 = 0, name: String = "function",
  inputNames: [String]? = nil, options: CheckOptions = CheckOptions(),
  of function: @escaping ([Tensor]) -> [Tensor]
) -> GradientReport {
  require(order == 1 || order == 2, "checkGradients: the order is \(order); give 1 or 2")
  require(
    !name.isEmpty,
    "checkGradients: the name is empty; give one for the report, or leave it out")
  let inputs = inputs.map { $0.taken(in: .float64).detached }
  let names = inputNames ?? inputs.indices.map { "input \($0)" }
  require(
    names.count == inputs.count,
    "checkGradients: \(inputs.count) inputs have \(names.count) names; give one for each")
  options.validate(names)
  let real = zip(names, inputs).filter(\.1.dtype.isFloatingPoint).map(\.0)
  if let chosen = options.inputs, !real.isEmpty, !real.contains(where: options.includes) {
    stop("checkGradients: \(chosen) have no gradient; choose among \(real.joined(separator: ", "))")
  }
  var check = FunctionCheck(name: name, seed: seed, options: options)
  var generator = Philox(seed: seed, draw: 8 << 40)
  var point = inputs
  for number in 0..<options.points where check.isRight {
    if number > 0 { point = inputs.map { $0.moved(using: &generator) } }
    check.point = number + 1
    check.runAll(function, at: point, names: names, order: order)
  }
  return check.report
}

extension FunctionCheck {
  /// Checks the gradients at a point, their derivatives if wanted, and float32.
  fileprivate mutating func runAll(
    _ function: @escaping ([Tensor]) -> [Tensor], at inputs: [Tensor], names: [String], order: Int
  ) {
    run(function, at: inputs, names: names, order: 1)
    if order == 2, findings.isEmpty {
      var generator = Philox(seed: seed &+ 1)
      let cotangents = Subject.record(function, inputs).outputs.filter(\.dtype.isFloatingPoint).map
      {
        Tensor.normal($0.shape, dtype: .float64, using: &generator)
      }
      let pullback = pullback(of: function, inputCount: inputs.count)
      let allNames = names + cotangents.indices.map { "cotangent \($0)" }
      run(pullback, at: inputs + cotangents, names: allNames, order: 2)
      if findings.isEmpty { checkSymmetry(function, at: inputs) }
      if isRight {
        compareInSinglePrecision(pullback, at: inputs + cotangents, names: allNames, order: 2)
      }
    }
    // What is wrong in float64 already needs no second opinion.
    if isRight { compareInSinglePrecision(function, at: inputs, names: names) }
    findEmptiness()
  }
}

/// Checks the pullback of an operation at some inputs.
public func checkGradients(
  of operation: some Operation, at inputs: [Tensor], order: Int = 1, seed: UInt64 = 0,
  options: CheckOptions = CheckOptions()
) -> GradientReport {
  checkGradients(
    at: inputs, order: order, seed: seed, name: operation.name, options: options
  ) {
    operation.outputs(of: $0)
  }
}

/// The gradients of a function as a function themselves: of its inputs and of the cotangents of its
/// outputs.
private func pullback(
  of function: @escaping ([Tensor]) -> [Tensor], inputCount: Int
) -> ([Tensor]) -> [Tensor] {
  { tensors in
    onTape(of: tensors) { tape, tensors in
      let inputs = Array(tensors[..<inputCount])
      let outputs = function(inputs).filter(\.dtype.isFloatingPoint).map(tape.constant)
      return tape.gradients(
        of: outputs, seeds: zip(outputs, tensors[inputCount...]).map { $1.cast(to: $0.dtype) },
        with: inputs.filter(\.dtype.isFloatingPoint), recording: true)
    }
  }
}

/// Stops the program with the whole report unless the gradients are right; for programs without a
/// test framework.
public func requireGradients(_ report: GradientReport) {
  require(report.passed, "\(report)")
}
