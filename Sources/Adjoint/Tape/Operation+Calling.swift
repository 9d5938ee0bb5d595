extension Operation {
  /// Applies an operation of one operand that has one output.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    apply(to: x, onlyType(for: [x.type]) { x.tape })
  }

  /// Applies an operation of two operands that has one output.
  public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor {
    if a.dtype != b.dtype, let same = Tape.ofOnePrecision([a, b]) {
      return apply(to: same[0], same[1], onlyType(for: same.map(\.type)) { a.tape ?? b.tape })
    }
    return apply(to: a, b, onlyType(for: [a.type, b.type]) { a.tape ?? b.tape })
  }

  /// Applies an operation that has one output.
  @_disfavoredOverload
  public func callAsFunction(_ inputs: Tensor...) -> Tensor {
    let inputs = Tape.ofOnePrecision(inputs) ?? inputs
    let type = onlyType(for: inputs.map(\.type)) { Tape.common(to: inputs, name) }
    return outputs(of: inputs, [type])[0]
  }

  /// Applies the operation: records it if an input is on a tape, and computes it at once if none
  /// is, or only on one whose call has returned.
  public func outputs(of inputs: [Tensor]) -> [Tensor] {
    let inputs = Tape.ofOnePrecision(inputs) ?? inputs
    return outputs(of: inputs, types(for: inputs.map(\.type)) { Tape.common(to: inputs, name) })
  }

  /// Applies an operation that changes elements one by one to operands that are given up: output k is computed in
  /// the memory of operand `replaced[k]`, unless someone else refers to that.
  func outputs(of inputs: consuming [Tensor], inPlaceOf replaced: [Int]) -> [Tensor] {
    guard Tape.common(to: inputs, name) == nil else { return outputs(of: inputs) }
    let types = inputs.map(\.type)
    let outputTypes = self.types(for: types) { nil }
    var storages = inputs.map(\.storage)
    inputs = []
    let outputs = outputTypes.indices.map { number in
      let isOurs =
        number < replaced.count && isKnownUniquelyReferenced(&storages[replaced[number]])
        && storages[replaced[number]].ownsMemory
      return isOurs ? storages[replaced[number]] : Storage(uninitialized: outputTypes[number])
    }
    var call = KernelCall(storages, into: outputs, types: types + outputTypes)
    run(&call, on: .current)
    return zip(outputTypes, outputs).map { Tensor($0, $1) }
  }

  private func outputs(of inputs: [Tensor], _ types: [TensorType]) -> [Tensor] {
    if let tape = Tape.common(to: inputs, name), !tape.ownership.isOver {
      return tape.composition(of: self, inputs) ?? tape.append(self, inputs, types)
    }
    return run(inputs.map(\.storage), types: inputs.map(\.type) + types)
  }

  /// Applies an operation of one operand whose output has a known type.
  func apply(to x: Tensor, _ type: TensorType) -> Tensor {
    if let tape = x.tape, !tape.ownership.isOver {
      return tape.composition(of: self, [x])?[0] ?? tape.append(self, x, type)
    }
    return run([x.storage], types: [x.type, type])[0]
  }

  /// Applies an operation of two operands whose output has a known type.
  func apply(to a: Tensor, _ b: Tensor, _ type: TensorType) -> Tensor {
    if let tape = Tape.common(to: a, b, name), !tape.ownership.isOver {
      return tape.composition(of: self, [a, b])?[0] ?? tape.append(self, a, b, type)
    }
    return run([a.storage, b.storage], types: [a.type, b.type, type])[0]
  }

  /// The types of the outputs. The program stops at operands that the operation does not compute, unless
  /// a checker wants to say so itself.
  private func types(for inputs: [TensorType], on tape: () -> Tape?) -> [TensorType] {
    let outputs = outputTypes(for: inputs)
    requireOutputs(outputs)
    if let objection = objection(to: inputs, outputs) {
      require(tape()?.ownership.isForInspection == true, objection)
    }
    return outputs
  }

  /// The type of the output, of which there must be one.
  private func onlyType(for inputs: [TensorType], on tape: () -> Tape?) -> TensorType {
    let types = types(for: inputs, on: tape)
    require(
      types.count == 1, "\(name): has \(types.count) outputs; call outputs(of:) to get them all")
    return types[0]
  }

  /// Computes the outputs at once; the types are those of the inputs, then those of the outputs.
  private func run(_ inputs: [Storage], types: [TensorType]) -> [Tensor] {
    var call = KernelCall(inputs, types: types)
    run(&call)
    return call.outputs.indices.map { Tensor(call.outputType($0), call.outputs[$0]) }
  }
}
