/// What an operation is run on: the elements of its inputs and outputs, and their types.
@usableFromInline
struct KernelCall {
  @usableFromInline var inputs: [Storage] = []
  @usableFromInline var outputs: [Storage] = []
  /// The types, by numbers: all of a graph's, so that none has to be copied for a call.
  @usableFromInline let types: [TensorType]
  @usableFromInline var inputNumbers: Few
  @usableFromInline var outputNumbers: Range<Int>

  /// Calls of operations on values that have types by their numbers.
  init(types: [TensorType]) {
    self.types = types
    (inputNumbers, outputNumbers) = (Few(count: 0) { $0 }, 0..<0)
    inputs.reserveCapacity(8)
    outputs.reserveCapacity(8)
  }

  /// A call on inputs, with their types and then those of the outputs, for which there may be room.
  init(_ inputs: [Storage], into outputs: [Storage] = [], types: [TensorType]) {
    self.inputs = inputs
    self.outputs = outputs
    self.types = types
    inputNumbers = Few(count: inputs.count) { $0 }
    outputNumbers = inputs.count..<types.count
  }

  /// The type of an input.
  func inputType(_ number: Int) -> TensorType { types[inputNumbers[number]] }

  /// The type of an output.
  func outputType(_ number: Int) -> TensorType { types[outputNumbers.lowerBound + number] }

  /// The type of the first input, or of the output of what has none.
  var firstType: TensorType { inputNumbers.isEmpty ? outputType(0) : inputType(0) }
}

// What frames hand out. By the address: a method of the call would copy its record, references and all.
extension UnsafePointer where Pointee == KernelCall {
  /// The type of an input.
  @inlinable func typeOfInput(_ number: Int) -> TensorType {
    unsafe KernelCall.requireNumber(number, pointee.inputNumbers.count, "input")
    return unsafe pointee.types[pointee.inputNumbers[number]]
  }

  /// The type of an output.
  @inlinable func typeOfOutput(_ number: Int) -> TensorType {
    unsafe KernelCall.requireNumber(number, pointee.outputNumbers.count, "output")
    return unsafe pointee.types[pointee.outputNumbers.lowerBound + number]
  }

  /// The elements of an input.
  @inlinable func input(_ number: Int) -> Storage {
    unsafe KernelCall.requireNumber(number, pointee.inputs.count, "input")
    return unsafe pointee.inputs[number]
  }

  /// The elements of an input, which must be of a type.
  @inlinable func input(_ number: Int, _ dtype: DType) -> Storage {
    let storage = unsafe input(number)
    unsafe require(storage.dtype == dtype, "kernel: input \(number) is \(typeOfInput(number))")
    return storage
  }

  /// Room for the elements of an output.
  @inlinable func output(_ number: Int) -> Storage {
    unsafe KernelCall.requireNumber(number, pointee.outputs.count, "output")
    return unsafe pointee.outputs[number]
  }

  /// Room for the elements of an output, which must be of a type.
  @inlinable func output(_ number: Int, _ dtype: DType) -> Storage {
    let storage = unsafe output(number)
    unsafe require(storage.dtype == dtype, "kernel: output \(number) is \(typeOfOutput(number))")
    return storage
  }
}

extension KernelCall {
  /// Stops at an input or output that the call does not have.
  @inlinable static func requireNumber(_ number: Int, _ count: Int, _ kind: StaticString) {
    require((0..<count).contains(number), "kernel: asks for \(kind) \(number) of \(count)")
  }
}
