/// What a kernel works on: the elements of its inputs, to read, and of its outputs, to write.
///
/// The elements of an output have no value before the kernel writes them; it must write them all.
@safe
public struct KernelFrame<Scalar: TensorScalar>: ~Copyable, ~Escapable {
  /// What the kernel is run on. It outlives the frame, which does not escape.
  @usableFromInline let call: UnsafePointer<KernelCall>
  let instructions: InstructionSet

  @_lifetime(immortal)
  init(_ call: UnsafePointer<KernelCall>, on instructions: InstructionSet) {
    unsafe self.call = call
    self.instructions = instructions
  }

  /// The type of an input.
  @inlinable public func inputType(_ number: Int) -> TensorType {
    unsafe requireNumber(number, call.pointee.inputNumbers.count, "input")
    return unsafe call.pointee.types[call.pointee.inputNumbers[number]]
  }

  /// The type of an output.
  @inlinable public func outputType(_ number: Int) -> TensorType {
    unsafe requireNumber(number, call.pointee.outputNumbers.count, "output")
    return unsafe call.pointee.types[call.pointee.outputNumbers.lowerBound + number]
  }

  /// Stops at an input or output that the call does not have.
  @inlinable
  func requireNumber(_ number: Int, _ count: Int, _ kind: StaticString) {
    require((0..<count).contains(number), "kernel: asks for \(kind) \(number) of \(count)")
  }

  /// The number of inputs.
  @inlinable public var inputCount: Int { unsafe call.pointee.inputs.count }

  /// The elements of an input that has the kernel's own type.
  @inlinable
  @_lifetime(copy self)
  public func input(_ number: Int) -> Span<Scalar> { input(number, as: Scalar.self) }

  /// The elements of an input of another type, such as indices.
  @inlinable
  @_lifetime(copy self)
  public func input<Element: TensorScalar>(_ number: Int, as _: Element.Type) -> Span<Element> {
    unsafe requireNumber(number, call.pointee.inputs.count, "input")
    let storage = unsafe call.pointee.inputs[number]
    require(
      storage.dtype == Element.dtype, "kernel: input \(number) is \(inputType(number))")
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
    unsafe requireNumber(number, call.pointee.outputs.count, "output")
    let storage = unsafe call.pointee.outputs[number]
    require(
      storage.dtype == Element.dtype, "kernel: output \(number) is \(outputType(number))")
    let elements = unsafe UnsafeMutableBufferPointer(
      start: storage.rawPointer.assumingMemoryBound(to: Element.self), count: storage.count)
    return unsafe _overrideLifetime(MutableSpan(_unsafeElements: elements), mutating: &self)
  }
}

extension KernelFrame {
  /// The elements of an input, by their address.
  func source(_ number: Int) -> UnsafePointer<Scalar> {
    unsafe UnsafePointer(
      call.pointee.inputs[number].rawPointer.assumingMemoryBound(to: Scalar.self))
  }

  /// The elements of an output, by their address.
  func target(_ number: Int) -> UnsafeMutablePointer<Scalar> {
    unsafe call.pointee.outputs[number].rawPointer.assumingMemoryBound(to: Scalar.self)
  }

  /// The inputs.
  var inputs: [Storage] { unsafe call.pointee.inputs }

  /// The outputs.
  var outputs: [Storage] { unsafe call.pointee.outputs }
}
