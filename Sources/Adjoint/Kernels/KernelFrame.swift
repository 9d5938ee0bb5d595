/// What a kernel works on: the elements of its inputs, to read, and of its outputs, to write.
///
/// The elements of an output have no value before the kernel writes them; it must write them all. An index out of
/// range stops the program.
@safe
public struct KernelFrame<Scalar: TensorScalar>: ~Copyable, ~Escapable {
  /// What the kernel is run on. It outlives the frame, which does not escape.
  @usableFromInline let call: UnsafePointer<KernelCall>

  @_lifetime(immortal)
  init(_ call: UnsafePointer<KernelCall>) {
    unsafe self.call = call
  }

  /// The type of an input.
  @inlinable public func inputType(_ number: Int) -> TensorType { unsafe call.typeOfInput(number) }

  /// The type of an output.
  @inlinable public func outputType(_ number: Int) -> TensorType {
    unsafe call.typeOfOutput(number)
  }

  /// The number of inputs.
  @inlinable public var inputCount: Int { unsafe call.pointee.inputs.count }

  /// The elements of an input that has the kernel's own type.
  @inlinable
  @_lifetime(copy self)
  public func input(_ number: Int) -> KernelInput<Scalar> { input(number, as: Scalar.self) }

  /// The elements of an input of another type, such as indices.
  @inlinable
  @_lifetime(copy self)
  public func input<Element: TensorScalar>(
    _ number: Int, as _: Element.Type
  ) -> KernelInput<Element> {
    unsafe _overrideLifetime(KernelInput(number, of: call), copying: self)
  }

  /// The elements of an output that has the kernel's own type.
  @inlinable
  @_lifetime(&self)
  public mutating func output(_ number: Int) -> KernelOutput<Scalar> {
    output(number, as: Scalar.self)
  }

  /// The elements of an output of another type, such as a mask.
  @inlinable
  @_lifetime(&self)
  public mutating func output<Element: TensorScalar>(
    _ number: Int, as _: Element.Type
  ) -> KernelOutput<Element> {
    unsafe _overrideLifetime(KernelOutput(number, of: call), mutating: &self)
  }
}
