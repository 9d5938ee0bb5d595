/// What a kernel works on: the elements of its inputs, to read, and of its outputs, to write.
///
/// The elements of an output have no value before the kernel writes them; it must write them all.
@safe
public struct KernelFrame<Scalar: TensorScalar>: ~Copyable, ~Escapable {
  @usableFromInline let inputs: [Storage]
  @usableFromInline let inputTypes: [TensorType]
  @usableFromInline let outputs: [Storage]
  @usableFromInline let outputTypes: [TensorType]
  /// The instructions that the kernel may use.
  let instructions: InstructionSet

  /// A frame on the elements of `inputs` and `outputs`, which must outlive it.
  @_lifetime(borrow inputs, borrow outputs)
  init(
    inputs: borrowing [Storage], _ inputTypes: [TensorType],
    outputs: borrowing [Storage], _ outputTypes: [TensorType], on instructions: InstructionSet
  ) {
    self.inputs = copy inputs
    self.inputTypes = inputTypes
    self.outputs = copy outputs
    self.outputTypes = outputTypes
    self.instructions = instructions
  }

  /// The type of an input.
  @inlinable public func inputType(_ number: Int) -> TensorType { inputTypes[number] }

  /// The type of an output.
  @inlinable public func outputType(_ number: Int) -> TensorType { outputTypes[number] }

  /// The number of inputs.
  @inlinable public var inputCount: Int { inputs.count }

  /// The elements of an input that has the kernel's own type.
  @inlinable
  @_lifetime(copy self)
  public func input(_ number: Int) -> Span<Scalar> { input(number, as: Scalar.self) }

  /// The elements of an input of another type, such as indices.
  @inlinable
  @_lifetime(copy self)
  public func input<Element: TensorScalar>(_ number: Int, as _: Element.Type) -> Span<Element> {
    let storage = inputs[number]
    require(
      storage.dtype == Element.dtype, "kernel: input \(number) is \(inputTypes[number])")
    let elements = unsafe UnsafeBufferPointer(
      start: storage.rawPointer.assumingMemoryBound(to: Element.self), count: storage.count)
    return unsafe _overrideLifetime(Span(_unsafeElements: elements), copying: self)
  }

  /// The elements of an output that has the kernel's own type.
  @inlinable
  @_lifetime(&self)
  public mutating func output(_ number: Int) -> MutableSpan<Scalar> {
    output(number, as: Scalar.self)
  }

  /// The elements of an output of another type, such as a mask.
  @inlinable
  @_lifetime(&self)
  public mutating func output<Element: TensorScalar>(
    _ number: Int, as _: Element.Type
  ) -> MutableSpan<Element> {
    let storage = outputs[number]
    require(
      storage.dtype == Element.dtype, "kernel: output \(number) is \(outputTypes[number])")
    let elements = unsafe UnsafeMutableBufferPointer(
      start: storage.rawPointer.assumingMemoryBound(to: Element.self), count: storage.count)
    return unsafe _overrideLifetime(MutableSpan(_unsafeElements: elements), mutating: &self)
  }
}

extension KernelFrame {
  /// The elements of an input, for a kernel in C.
  func source(_ number: Int) -> UnsafePointer<Scalar> {
    unsafe UnsafePointer(inputs[number].rawPointer.assumingMemoryBound(to: Scalar.self))
  }

  /// The elements of an output, for a kernel in C.
  func target(_ number: Int) -> UnsafeMutablePointer<Scalar> {
    unsafe outputs[number].rawPointer.assumingMemoryBound(to: Scalar.self)
  }
}

extension Operation {
  /// Computes the outputs, or only says how they repeat the input, and appends them.
  func run(
    _ inputs: [Storage], _ inputTypes: [TensorType], into outputs: inout [Storage],
    _ outputTypes: [TensorType]
  ) {
    if let pattern = repetition(of: inputTypes) {
      outputs.append(inputs[0].repeated(pattern))
      return
    }
    for type in outputTypes { outputs.append(Storage(uninitialized: type)) }
    run(inputs, inputTypes, into: outputs, outputTypes)
  }

  /// Runs the kernel for the operation's element type.
  func run(
    _ inputs: [Storage], _ inputTypes: [TensorType], into outputs: [Storage],
    _ outputTypes: [TensorType], on instructions: InstructionSet = .current
  ) {
    // Inlined, as a frame whose element type is known only at run time costs more than small kernels.
    @inline(__always)
    func run<Scalar: TensorScalar>(
      _: Scalar.Type, _ kernel: (inout KernelFrame<Scalar>) -> Void
    ) {
      var frame = KernelFrame<Scalar>(
        inputs: inputs, inputTypes, outputs: outputs, outputTypes, on: instructions)
      kernel(&frame)
    }
    switch kernelType(inputs: inputTypes, outputs: outputTypes) {
    case .float32: run(Float.self) { kernel(&$0) }
    case .float64: run(Double.self) { kernel(&$0) }
    case .int32: run(Int32.self) { kernel(&$0) }
    case .bool: run(Bool.self) { kernel(&$0) }
    }
  }
}
