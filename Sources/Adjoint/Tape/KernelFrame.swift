/// What a kernel works on: the elements of its inputs, to read, and of its outputs, to write.
///
/// The elements of an output have no value before the kernel writes them; it must write them all.
@safe
public struct KernelFrame<Scalar: TensorScalar>: ~Copyable, ~Escapable {
  @usableFromInline let inputs: [Operand]
  @usableFromInline let outputs: [Operand]
  /// Whether the operation has no kernel for this element type.
  var isMissing = false

  /// A tensor's type and where its elements are.
  @safe @usableFromInline struct Operand {
    @usableFromInline let type: TensorType
    @usableFromInline let base: UnsafeMutableRawPointer?
    @usableFromInline let count: Int
  }

  /// A frame on the elements of `inputs` and `outputs`, which must outlive it.
  @_lifetime(borrow inputs, borrow outputs)
  init(
    inputs: borrowing [Storage], _ inputTypes: [TensorType],
    outputs: borrowing [Storage], _ outputTypes: [TensorType]
  ) {
    self.inputs = Self.operands(inputs, inputTypes)
    self.outputs = Self.operands(outputs, outputTypes)
  }

  private static func operands(
    _ storages: borrowing [Storage], _ types: [TensorType]
  ) -> [Operand] {
    storages.indices.map { index in
      unsafe Operand(
        type: types[index], base: storages[index].rawPointer, count: storages[index].count)
    }
  }

  /// The type of an input.
  @inlinable public func inputType(_ number: Int) -> TensorType { inputs[number].type }

  /// The type of an output.
  @inlinable public func outputType(_ number: Int) -> TensorType { outputs[number].type }

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
    let operand = inputs[number]
    require(operand.type.dtype == Element.dtype, "kernel: input \(number) is \(operand.type)")
    let elements = unsafe UnsafeBufferPointer(
      start: operand.base?.assumingMemoryBound(to: Element.self), count: operand.count)
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
    let operand = outputs[number]
    require(operand.type.dtype == Element.dtype, "kernel: output \(number) is \(operand.type)")
    let elements = unsafe UnsafeMutableBufferPointer(
      start: operand.base?.assumingMemoryBound(to: Element.self), count: operand.count)
    return unsafe _overrideLifetime(MutableSpan(_unsafeElements: elements), mutating: &self)
  }
}

extension Operation {
  /// Computes the outputs.
  func run(
    _ inputs: [Storage], _ inputTypes: [TensorType], outputTypes: [TensorType]
  ) -> [Storage] {
    if sharesElements { return [inputs[0]] }
    let outputs = outputTypes.map { Storage(uninitialized: $0) }
    require(
      run(inputs, inputTypes, into: outputs, outputTypes),
      "\(name): has no kernel for \(kernelType(inputs: inputTypes, outputs: outputTypes)); "
        + "cast the operands to a type that it computes")
    return outputs
  }

  /// Runs the kernel for the operation's element type, and returns whether there is one.
  @discardableResult
  func run(
    _ inputs: [Storage], _ inputTypes: [TensorType], into outputs: [Storage],
    _ outputTypes: [TensorType]
  ) -> Bool {
    switch kernelType(inputs: inputTypes, outputs: outputTypes) {
    case .float32:
      var frame = KernelFrame<Float>(inputs: inputs, inputTypes, outputs: outputs, outputTypes)
      kernel(&frame)
      return !frame.isMissing
    case .float64:
      var frame = KernelFrame<Double>(inputs: inputs, inputTypes, outputs: outputs, outputTypes)
      kernel(&frame)
      return !frame.isMissing
    case .int32:
      var frame = KernelFrame<Int32>(inputs: inputs, inputTypes, outputs: outputs, outputTypes)
      kernel(&frame)
      return !frame.isMissing
    case .bool:
      var frame = KernelFrame<Bool>(inputs: inputs, inputTypes, outputs: outputs, outputTypes)
      kernel(&frame)
      return !frame.isMissing
    }
  }
}
