import Adjoint
import AdjointNN

/// Checks the gradients of a function of tensors against finite differences.
///
/// Floating-point inputs are taken in float64, and each of their elements is moved by ever smaller
/// steps; the cotangents of the outputs are random. Beyond 512 elements an input is checked along
/// random directions and in 64 elements. The tolerance is not chosen but follows from the noise of
/// the function's values, from what the extrapolation says of its own error, and from what rounding
/// of the inputs makes of the gradient. Where a piecewise operation changes its piece no difference
/// is taken. Besides, the gradient must be the same at each call, finite, linear in the cotangent,
/// and the same for any subset of inputs.
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
///   - function: the function, in tensor operations.
/// - Precondition: `order` is 1 or 2.
public func checkGradients(
  at inputs: [Tensor], order: Int = 1, seed: UInt64 = 0, name: String = "function",
  inputNames: [String]? = nil, of function: @escaping ([Tensor]) -> [Tensor]
) -> GradientReport {
  checkGradients(
    at: inputs, order: order, seed: seed, name: name, inputNames: inputNames,
    isForAnyPrecision: false, of: function)
}

/// The check, in float32 too if the function takes any precision: one that captures float64 tensors
/// does not.
private func checkGradients(
  at inputs: [Tensor], order: Int, seed: UInt64, name: String, inputNames: [String]?,
  isForAnyPrecision: Bool, of function: @escaping ([Tensor]) -> [Tensor]
) -> GradientReport {
  require(order == 1 || order == 2, "checkGradients: the order is \(order); give 1 or 2")
  let inputs = inputs.map { $0.dtype.isFloatingPoint ? $0.cast(to: .float64).detached : $0 }
  let names = inputNames ?? inputs.indices.map { "input \($0)" }
  var check = FunctionCheck(name: name, seed: seed)
  check.run(function, at: inputs, names: names, order: 1)
  if order == 2, check.findings.isEmpty {
    var generator = Philox(seed: seed &+ 1)
    let cotangents = function(inputs).filter(\.dtype.isFloatingPoint).map {
      Tensor.normal($0.shape, dtype: .float64, using: &generator)
    }
    check.run(
      pullback(of: function, inputCount: inputs.count), at: inputs + cotangents,
      names: names + cotangents.indices.map { "cotangent \($0)" }, order: 2)
  }
  if order == 2, check.findings.isEmpty { check.checkSymmetry(function, at: inputs) }
  // What is wrong in float64 already needs no second opinion, and near a kink there is none.
  if isForAnyPrecision, check.findings.isEmpty,
    check.results.allSatisfy({ $0.verdict == .pass })
  {
    check.runInSinglePrecision(function, at: inputs)
  }
  return check.report
}

/// Checks the pullback of an operation at some inputs, in float32 against float64 too if it
/// computes float32.
public func checkGradients(
  of operation: some Operation, at inputs: [Tensor], order: Int = 1, seed: UInt64 = 0
) -> GradientReport {
  checkGradients(
    at: inputs, order: order, seed: seed, name: operation.name, inputNames: nil,
    isForAnyPrecision: true
  ) {
    operation.outputs(of: $0)
  }
}

/// Checks the gradients of a layer with respect to every parameter and to its input.
///
/// A layer that was written for float32 is checked in float64. Its state is the same for every
/// evaluation.
public func checkGradients<Checked: Layer>(
  of layer: Checked, at input: Tensor, _ mode: Mode, order: Int = 1, seed: UInt64 = 0
) -> GradientReport {
  checkGradients(
    of: layer, alongWith: ("x", input.cast(to: .float64)), order: order, seed: seed,
    name: "\(Checked.self)"
  ) { (layer: inout Checked, x) in layer(x, mode) }
}

/// Checks the gradients of a loss with respect to every parameter of a model.
///
/// Called as `valueAndGradient(of:)` is. The model is taken in float64; its state is the same for
/// every evaluation, and `model` itself is left as it is.
public func checkGradients<Model: Module>(
  of model: inout Model, order: Int = 1, seed: UInt64 = 0, name: String? = nil,
  loss: @escaping (inout Model) -> Tensor
) -> GradientReport {
  checkGradients(
    of: model, alongWith: nil, order: order, seed: seed, name: name ?? "\(Model.self)"
  ) { model, _ in loss(&model) }
}

private func checkGradients<Model: Module>(
  of model: Model, alongWith input: (name: String, value: Tensor)?, order: Int, seed: UInt64,
  name: String, _ function: @escaping (inout Model, Tensor) -> Tensor
) -> GradientReport {
  if let report = GradientReport.ofUnvisited(model, name: name, seed: seed) { return report }
  let single = model.cast(to: .float32)
  let model = model.cast(to: .float64)
  let (parameters, repeats) = (model.tensors(.parameter), model.repeatedPlaces)
  let extra = input.map { [$0.value] } ?? []
  return checkGradients(
    at: parameters.map(\.tensor) + extra, order: order, seed: seed, name: name,
    inputNames: parameters.map(\.path) + (input.map { [$0.name] } ?? []),
    isForAnyPrecision: input != nil
  ) { tensors in
    // A fresh copy each time: state that the evaluation changes is forgotten.
    var copy = tensors.last?.dtype == .float32 ? single : model
    var next = tensors.makeIterator()
    copy.leaves(besides: repeats) { role, tensor in
      if role == .parameter, let value = next.next() { tensor = value }
    }
    return [function(&copy, next.next() ?? Tensor(0))]
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
        of: outputs, seeds: Array(tensors[inputCount...]),
        with: inputs.filter(\.dtype.isFloatingPoint), recording: true)
    }
  }
}

/// Stops the program with the whole report unless the gradients are right; for programs without a
/// test framework.
public func requireGradients(_ report: GradientReport) {
  require(report.passed, "\(report)")
}
