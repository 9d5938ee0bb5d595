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
