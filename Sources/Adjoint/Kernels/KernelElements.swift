/// The elements of an input, for a kernel to read.
///
/// Used as Swift's `Span`, which ``span`` gives. An element that there is not stops the program with words, in release
/// builds too, which spans do without.
@safe
public struct KernelInput<Element: TensorScalar>: ~Escapable {
  @usableFromInline let start: UnsafePointer<Element>
  /// The number of elements.
  public let count: Int
  @usableFromInline let number: Int
  @usableFromInline let call: UnsafePointer<KernelCall>

  @inlinable
  @_lifetime(immortal)
  init(_ number: Int, of call: UnsafePointer<KernelCall>) {
    let storage = unsafe call.input(number, Element.dtype)
    unsafe start = UnsafePointer(storage.rawPointer.assumingMemoryBound(to: Element.self))
    count = storage.count
    self.number = number
    unsafe self.call = call
  }

  /// The numbers of the elements, 0 to ``count`` − 1.
  @inlinable public var indices: Range<Int> { 0..<count }

  /// Whether there are no elements.
  @inlinable public var isEmpty: Bool { count == 0 }

  /// An element.
  @inlinable
  public subscript(index: Int) -> Element {
    if UInt(bitPattern: index) >= UInt(bitPattern: count) {
      unsafe call.stop(atElement: index, ofInput: number)
    }
    return unsafe start[index]
  }

  /// The elements, for functions that take Swift's spans.
  public var span: Span<Element> {
    @inlinable
    @_lifetime(copy self)
    get {
      let elements = unsafe UnsafeBufferPointer(start: start, count: count)
      return unsafe _overrideLifetime(Span(_unsafeElements: elements), copying: self)
    }
  }
}

/// The elements of an output, for a kernel to write.
///
/// Used as Swift's `MutableSpan`, which ``span`` gives. An element that there is not stops the program with words, in
/// release builds too, which spans do without.
@safe
public struct KernelOutput<Element: TensorScalar>: ~Copyable, ~Escapable {
  @usableFromInline let start: UnsafeMutablePointer<Element>
  /// The number of elements.
  public let count: Int
  @usableFromInline let number: Int
  @usableFromInline let call: UnsafePointer<KernelCall>

  @inlinable
  @_lifetime(immortal)
  init(_ number: Int, of call: UnsafePointer<KernelCall>) {
    let storage = unsafe call.output(number, Element.dtype)
    unsafe start = storage.rawPointer.assumingMemoryBound(to: Element.self)
    count = storage.count
    self.number = number
    unsafe self.call = call
  }

  /// The numbers of the elements, 0 to ``count`` − 1.
  @inlinable public var indices: Range<Int> { 0..<count }

  /// Whether there are no elements.
  @inlinable public var isEmpty: Bool { count == 0 }

  /// An element; it has no value before it is written.
  @inlinable
  public subscript(index: Int) -> Element {
    get {
      requireElement(index)
      return unsafe start[index]
    }
    set {
      requireElement(index)
      unsafe start[index] = newValue
    }
  }

  @inlinable
  func requireElement(_ index: Int) {
    if UInt(bitPattern: index) >= UInt(bitPattern: count) {
      unsafe call.stop(atElement: index, ofOutput: number)
    }
  }

  /// The elements, for functions that take Swift's spans.
  public var span: MutableSpan<Element> {
    @inlinable
    @_lifetime(&self)
    mutating get {
      let elements = unsafe UnsafeMutableBufferPointer(start: start, count: count)
      return unsafe _overrideLifetime(MutableSpan(_unsafeElements: elements), mutating: &self)
    }
  }
}
