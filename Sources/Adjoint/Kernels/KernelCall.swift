/// What an operation is run on: the elements of its inputs and outputs, and their types.
@usableFromInline
struct KernelCall {
  @usableFromInline var inputs: [Storage] = []
  @usableFromInline var outputs: [Storage] = []
  /// The types, by numbers: all of a graph's, so that none has to be copied for a call.
  @usableFromInline let types: [TensorType]
  @usableFromInline var inputNumbers: Few
  @usableFromInline var outputNumbers: Range<Int>
  /// Whose kernel runs, if that is one in Swift: for messages.
  var operation: OperationReference?

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
    unsafe requireNumber(number, pointee.inputNumbers.count, "input")
    return unsafe pointee.types[pointee.inputNumbers[number]]
  }

  /// The type of an output.
  @inlinable func typeOfOutput(_ number: Int) -> TensorType {
    unsafe requireNumber(number, pointee.outputNumbers.count, "output")
    return unsafe pointee.types[pointee.outputNumbers.lowerBound + number]
  }

  /// The elements of an input.
  @inlinable func input(_ number: Int) -> Storage {
    unsafe requireNumber(number, pointee.inputs.count, "input")
    return unsafe pointee.inputs[number]
  }

  /// The elements of an input, which must be of a type.
  @inlinable func input(_ number: Int, _ dtype: DType) -> Storage {
    let storage = unsafe input(number)
    unsafe require(
      storage.dtype == dtype,
      "\(speaker) takes input \(number) as \(dtype), and it is \(typeOfInput(number)); say its type, as "
        + "in input(1, as: Int32.self)")
    return storage
  }

  /// Room for the elements of an output.
  @inlinable func output(_ number: Int) -> Storage {
    unsafe requireNumber(number, pointee.outputs.count, "output")
    return unsafe pointee.outputs[number]
  }

  /// Room for the elements of an output, which must be of a type.
  @inlinable func output(_ number: Int, _ dtype: DType) -> Storage {
    let storage = unsafe output(number)
    unsafe require(
      storage.dtype == dtype,
      "\(speaker) takes output \(number) as \(dtype), and it is \(typeOfOutput(number)); say its type, as "
        + "in output(1, as: Int32.self)")
    return storage
  }
}

// What kernels are told that ask for what there is not.
extension UnsafePointer where Pointee == KernelCall {
  /// Who asks.
  @usableFromInline var speaker: String {
    unsafe pointee.operation.map { "\($0.name): its kernel" } ?? "kernel: it"
  }

  /// Stops at an input or output that the call does not have.
  @inlinable func requireNumber(_ number: Int, _ count: Int, _ kind: StaticString) {
    unsafe require(
      (0..<count).contains(number), "\(speaker) asks for \(kind) \(number) of \(count)")
  }

  /// Stops at an element that an input does not have.
  @usableFromInline @inline(never)
  func stop(atElement index: Int, ofInput number: Int) -> Never {
    unsafe stop(atElement: index, "input \(number)", typeOfInput(number))
  }

  /// Stops at an element that an output does not have.
  @usableFromInline @inline(never)
  func stop(atElement index: Int, ofOutput number: Int) -> Never {
    unsafe stop(atElement: index, "output \(number)", typeOfOutput(number))
  }

  private func stop(atElement index: Int, _ whose: String, _ type: TensorType) -> Never {
    unsafe Adjoint.stop(
      "\(speaker) asks for element \(index) of \(whose), \(type), which has "
        + (type.count == 0 ? "none" : "0 to \(type.count - 1)"))
  }
}

/// An operation that lives longer: for messages, which should cost nothing as long as there is nothing to say.
@safe
struct OperationReference {
  private let address: UnsafeRawPointer
  private let type: any Operation.Type

  init<Referred: Operation>(_ address: UnsafePointer<Referred>) {
    unsafe self.address = UnsafeRawPointer(address)
    type = Referred.self
  }

  /// What the operation is called.
  var name: String { unsafe type.name(at: address) }
}

extension Operation {
  /// What the operation of this type at an address is called.
  fileprivate static func name(at address: UnsafeRawPointer) -> String {
    unsafe address.assumingMemoryBound(to: Self.self).pointee.name
  }
}
