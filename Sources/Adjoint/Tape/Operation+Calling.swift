extension Operation {
  /// Applies an operation of one operand that has one output.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    call(on: Few(count: 1, filler: x) { _ in x })
  }

  /// Applies an operation of two operands that has one output.
  public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor {
    call(on: Few(count: 2, filler: a) { $0 == 0 ? a : b })
  }

  /// Applies an operation that has one output.
  @_disfavoredOverload
  public func callAsFunction(_ inputs: Tensor...) -> Tensor { call(on: Few(inputs)) }

  private func call(on inputs: Few<Tensor>) -> Tensor {
    let types = types(for: inputs)
    require(
      types.count == 1, "\(name): has \(types.count) outputs; call outputs(of:) to get them all")
    return apply(to: inputs, types[0])
  }

  /// Applies the operation: records it if an input is on a tape, and computes it at once if none
  /// is.
  public func outputs(of inputs: [Tensor]) -> [Tensor] {
    let operands = Few(inputs)
    let types = types(for: operands)
    if let tape = Tape.common(to: operands, name) { return tape.append(self, operands, types) }
    return zip(types, run(on: operands, types)).map { Tensor($0, $1) }
  }

  /// Applies an operation with one output, whose type is known.
  func apply(to inputs: Few<Tensor>, _ type: TensorType) -> Tensor {
    if let tape = Tape.common(to: inputs, name) { return tape.append(self, inputs, type) }
    return Tensor(type, run(on: inputs, [type])[0])
  }

  /// The types of the outputs. The program stops at operands that the operation does not compute, unless
  /// a checker wants to say so itself.
  private func types(for operands: Few<Tensor>) -> [TensorType] {
    let inputs = operands.map(\.type)
    let outputs = outputTypes(for: inputs)
    if let objection = objection(to: inputs, outputs) {
      let isInspected = operands.contains { $0.tape?.ownership.isForInspection == true }
      require(isInspected, objection)
    }
    return outputs
  }

  private func run(on inputs: Few<Tensor>, _ types: [TensorType]) -> [Storage] {
    var outputs: [Storage] = []
    run(inputs.map(\.storage), inputs.map(\.type), into: &outputs, types)
    return outputs
  }
}

extension Few<Tensor> {
  fileprivate init(_ tensors: [Tensor]) {
    self.init(count: tensors.count, filler: tensors.first ?? Tensor(0)) { tensors[$0] }
  }
}
