/// Returns the value of a function and its gradient.
///
/// Within a function that is itself being differentiated the gradient is recorded, so that
/// derivatives nest to any order.
/// - Precondition: the function's result is a scalar.
public func valueAndGradient(
  at x: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> (value: Tensor, gradient: Tensor) {
  let (value, gradients) = try valueAndGradients(at: [x]) { try function($0[0]) }
  return (value, gradients[0])
}

/// Returns the value of a function of several tensors and its gradient with respect to each.
/// - Precondition: the function's result is a scalar.
public func valueAndGradients(
  at inputs: [Tensor], of function: ([Tensor]) throws -> Tensor
) rethrows -> (value: Tensor, gradients: [Tensor]) {
  try pulledBack(inputs) { inputs in
    let value = try function(inputs)
    require(
      value.count == 1,
      "gradient: the function returns \(value.type), not a scalar; reduce it with sum() or mean(), "
        + "or use vectorJacobianProduct")
    return (value, .ones(like: value))
  }
}

/// Returns the gradient of a function of one tensor whose result is a scalar.
///
/// ```swift
/// gradient(at: Tensor([1, 2, 3])) { x in (x * x).sum() }    // [2, 4, 6]
/// ```
public func gradient(
  at x: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  try valueAndGradient(at: x, of: function).gradient
}

/// Returns the gradients of a function of several tensors whose result is a scalar.
public func gradients(
  at inputs: [Tensor], of function: ([Tensor]) throws -> Tensor
) rethrows -> [Tensor] {
  try valueAndGradients(at: inputs, of: function).gradients
}

/// Returns a function's value and vᵀ·J, J its Jacobian and v a cotangent of the type of its value.
public func vectorJacobianProduct(
  at x: Tensor, cotangent: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> (value: Tensor, product: Tensor) {
  let (value, products) = try pulledBack([x]) { inputs in
    let value = try function(inputs[0])
    require(
      cotangent.type == value.type,
      "vectorJacobianProduct: the cotangent is \(cotangent.type), the function returns \(value.type); give one "
        + "of its type")
    return (value, cotangent)
  }
  return (value, products[0])
}

/// Returns a function's value and J·v, J its Jacobian and v a tangent of the type of `x`.
///
/// From two walks backwards: w ↦ wᵀ·J is linear, and the pullback of that map is v ↦ J·v. It costs
/// about two gradients, whatever the sizes.
public func jacobianVectorProduct(
  at x: Tensor, along tangent: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> (value: Tensor, product: Tensor) {
  require(
    tangent.type == x.type,
    "jacobianVectorProduct: the tangent is \(tangent.type), x is \(x.type); give one of its type")
  requireDerivatives(by: [x], "jacobianVectorProduct")
  return try onTape(of: [x]) { tape, inputs in
    let value = tape.constant(try function(inputs[0]))
    let cotangent = tape.alias(of: .zeros(like: value))
    let pulled = tape.gradients(of: value, seed: cotangent, with: inputs, recording: true)
    let pushed = tape.gradients(
      of: tape.constant(pulled[0]), seed: tangent, with: [cotangent], recording: true)
    return [value, pushed[0]]
  }.pair
}

/// Returns H·v, H the Hessian of a function whose result is a scalar and v of the type of `x`.
///
/// The gradient of ⟨∇f, v⟩: about two gradients, and H is never formed.
public func hessianVectorProduct(
  at x: Tensor, along vector: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  require(
    vector.type == x.type,
    "hessianVectorProduct: the vector is \(vector.type), x is \(x.type); give one of its type")
  return try gradient(at: x) { x in
    try (gradient(at: x, of: function) * vector).sum()
  }
}

/// Returns the Jacobian of a function, ∂yᵢ/∂xⱼ, row by row.
///
///     x: [A…], y: [B…]   →   [B…, A…]
///
/// One walk backwards for each element of the result.
public func jacobian(
  at x: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  let columns = x.shape
  requireDerivatives(by: [x], "jacobian")
  let result = try onTape(of: [x]) { tape, inputs in
    let value = tape.constant(try function(inputs[0]))
    let rows = (0..<value.count).map { row in
      let seed = Tensor(
        (0..<value.count).map { $0 == row ? 1.0 : 0.0 }, shape: value.shape, dtype: value.dtype)
      return tape.gradients(of: value, seed: seed, with: inputs, recording: true)[0]
    }
    guard !rows.isEmpty else { return [.zeros(value.shape + columns, dtype: x.dtype)] }
    return [Tensor.stacked(rows, at: 0).reshaped(to: value.shape + columns)]
  }
  return result[0]
}

/// Returns the Hessian of a function whose result is a scalar: the Jacobian of its gradient.
///
///     x: [A…]   →   [A…, A…]
public func hessian(
  at x: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  try jacobian(at: x) { try gradient(at: $0, of: function) }
}

/// The value of a function, and its gradients for the cotangent that `function` returns with the
/// value.
private func pulledBack(
  _ inputs: [Tensor], _ function: ([Tensor]) throws -> (value: Tensor, cotangent: Tensor)
) rethrows -> (value: Tensor, gradients: [Tensor]) {
  requireDerivatives(by: inputs, "gradient")
  let results = try onTape(of: inputs) { tape, inputs in
    let (value, cotangent) = try function(inputs)
    let recorded = tape.constant(value)
    return [recorded]
      + tape.gradients(of: recorded, seed: cotangent, with: inputs, recording: true)
  }
  return (results[0], Array(results[1...]))
}

/// Stops unless there is a derivative with respect to all of the inputs.
private func requireDerivatives(by inputs: [Tensor], _ function: String) {
  for input in inputs {
    require(
      input.dtype.isFloatingPoint,
      "\(function): \(input.type) has no gradient; differentiate with respect to float32 or float64 "
        + "tensors, and use others in the closure as they are")
  }
}

/// Calls `body` with the inputs on a tape, and returns its results, which are computed and leave it;
/// unless the tape has joined an enclosing one.
package func onTape(
  of inputs: [Tensor], _ body: (Tape, [Tensor]) throws -> [Tensor]
) rethrows -> [Tensor] {
  try withTape { tape in try tape.finished(body(tape, inputs.map(tape.input))) }
}

/// Calls `body` with a tape of its own, which ends with the call.
///
/// If `body` meets a tensor of an enclosing computation, the tape joins that: results are then
/// recorded there, as they belong to something larger.
package func withTape<Result>(_ body: (Tape) throws -> Result) rethrows -> Result {
  let tape = Tape.ofCall()
  defer { tape.endCall() }
  return try body(tape)
}

extension Tape {
  /// What to differentiate with respect to: a plain value is watched, a recorded one gets a number of
  /// its own, so that a gradient can be taken of this use alone. Integers and masks stay as they are.
  package func input(_ tensor: Tensor) -> Tensor {
    if tensor.tape != nil { return alias(of: tensor) }
    return tensor.dtype.isFloatingPoint ? watch(tensor) : tensor
  }

  /// The results of a call: computed, and on no tape, unless this one has joined an enclosing one.
  package func finished(_ results: [Tensor]) -> [Tensor] {
    hasMoved ? results : detached(results)
  }
}

extension [Tensor] {
  fileprivate var pair: (value: Tensor, product: Tensor) { (self[0], self[1]) }
}
