extension Operation {
  /// Applies an operation of one operand that has one output.
  public func callAsFunction(_ x: Tensor) -> Tensor { apply(to: x, onlyType(for: [x])) }

  /// Applies an operation of two operands that has one output.
  public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor {
    apply(to: a, b, onlyType(for: [a, b]))
  }

  /// Applies an operation that has one output.
  @_disfavoredOverload
  public func callAsFunction(_ inputs: Tensor...) -> Tensor {
    outputs(of: inputs, [onlyType(for: inputs)])[0]
  }

  /// Applies the operation: records it if an input is on a tape, and computes it at once if none
  /// is.
  public func outputs(of inputs: [Tensor]) -> [Tensor] { outputs(of: inputs, types(for: inputs)) }

  private func outputs(of inputs: [Tensor], _ types: [TensorType]) -> [Tensor] {
    if let tape = Tape.common(to: inputs, name) { return tape.append(self, inputs, types) }
    return zip(types, run(on: inputs, types)).map { Tensor($0, $1) }
  }

  /// Applies an operation of one operand whose output has a known type.
  func apply(to x: Tensor, _ type: TensorType) -> Tensor {
    if let tape = x.tape { return tape.append(self, x, type) }
    return Tensor(type, run(on: [x], [type])[0])
  }

  /// Applies an operation of two operands whose output has a known type.
  func apply(to a: Tensor, _ b: Tensor, _ type: TensorType) -> Tensor {
    if let tape = Tape.common(to: a, b, name) { return tape.append(self, a, b, type) }
    return Tensor(type, run(on: [a, b], [type])[0])
  }

  /// The types of the outputs. The program stops at operands that the operation does not compute, unless
  /// a checker wants to say so itself.
  private func types(for operands: [Tensor]) -> [TensorType] {
    let inputs = operands.map(\.type)
    let outputs = outputTypes(for: inputs)
    if let objection = objection(to: inputs, outputs) {
      let isInspected = operands.contains { $0.tape?.ownership.isForInspection == true }
      require(isInspected, objection)
    }
    return outputs
  }

  /// The type of the output, of which there must be one.
  private func onlyType(for operands: [Tensor]) -> TensorType {
    let types = types(for: operands)
    require(
      types.count == 1, "\(name): has \(types.count) outputs; call outputs(of:) to get them all")
    return types[0]
  }

  private func run(on inputs: [Tensor], _ types: [TensorType]) -> [Storage] {
    var outputs: [Storage] = []
    run(inputs.map(\.storage), inputs.map(\.type), into: &outputs, types)
    return outputs
  }
}
