internal import AdjointKernels

/// What a compiled kernel works on: the elements of its inputs and outputs, by their addresses.
///
/// The elements of an output have no value before the kernel writes them; it must write them all. The
/// addresses hold while the kernel runs.
@safe
public struct CompiledFrame: ~Copyable {
  /// What the kernel is run on. It outlives the frame, which cannot be copied.
  private let call: UnsafePointer<KernelCall>
  /// The kernels in C.
  let kernels: UnsafePointer<AdjointKernels>
  /// The element type that the operation computes.
  public let dtype: DType

  init(
    _ call: UnsafePointer<KernelCall>, _ dtype: DType, on kernels: UnsafePointer<AdjointKernels>
  ) {
    unsafe self.call = call
    unsafe self.kernels = kernels
    self.dtype = dtype
  }

  /// The number of inputs.
  public var inputCount: Int { unsafe call.pointee.inputs.count }

  /// The type of an input.
  public func inputType(_ number: Int) -> TensorType { unsafe call.typeOfInput(number) }

  /// The type of an output.
  public func outputType(_ number: Int) -> TensorType { unsafe call.typeOfOutput(number) }

  /// The elements of an input.
  public func input<Element: TensorScalar>(
    _ number: Int, as _: Element.Type = Element.self
  ) -> UnsafePointer<Element> {
    unsafe UnsafePointer(
      call.input(number, Element.dtype).rawPointer.assumingMemoryBound(to: Element.self))
  }

  /// The elements of an output.
  public func output<Element: TensorScalar>(
    _ number: Int, as _: Element.Type = Element.self
  ) -> UnsafeMutablePointer<Element> {
    unsafe call.output(number, Element.dtype).rawPointer.assumingMemoryBound(to: Element.self)
  }

  /// The kernels in C for the element type, a real one.
  var realKernels: UnsafePointer<AdjointRealKernels> {
    unsafe adjointRealKernels(kernels, AdjointElement(dtype))
  }

  /// The kernels in C for the element type, a real one or int32.
  var numericKernels: UnsafePointer<AdjointNumericKernels> {
    unsafe adjointNumericKernels(kernels, AdjointElement(dtype))
  }

  /// The elements of an input, which are of the type that the operation computes.
  func elements(ofInput number: Int) -> Elements {
    unsafe Elements(
      start: UnsafeRawPointer(call.input(number, dtype).rawPointer), size: dtype.byteCount)
  }

  /// The elements of an output, which are of the type that the operation computes.
  func elements(ofOutput number: Int) -> MutableElements {
    unsafe MutableElements(start: call.output(number, dtype).rawPointer, size: dtype.byteCount)
  }

  /// The first byte of an input.
  func rawInput(_ number: Int) -> UnsafeRawPointer {
    unsafe UnsafeRawPointer(call.input(number).rawPointer)
  }

  /// A number of a floating-point input.
  func number(_ index: Int, ofInput number: Int) -> Double {
    dtype == .float64
      ? unsafe input(number, as: Double.self)[index]
      : unsafe Double(input(number, as: Float.self)[index])
  }

  /// A number of a floating-point output.
  func number(_ index: Int, ofOutput number: Int) -> Double {
    dtype == .float64
      ? unsafe output(number, as: Double.self)[index]
      : unsafe Double(output(number, as: Float.self)[index])
  }

  /// Writes the first so many numbers of a floating-point output.
  func write(_ count: Int, toOutput number: Int, _ value: (Int) -> Double) {
    if dtype == .float64 {
      let y = unsafe output(number, as: Double.self)
      for i in 0..<count { unsafe y[i] = value(i) }
    } else {
      let y = unsafe output(number, as: Float.self)
      for i in 0..<count { unsafe y[i] = Float(value(i)) }
    }
  }

  /// The first byte of an output.
  func rawOutput(_ number: Int) -> UnsafeMutableRawPointer {
    unsafe call.output(number).rawPointer
  }

  /// An input, which may only say how it repeats other elements.
  func storage(_ number: Int) -> Storage { unsafe call.input(number) }

  /// Whether all elements of a floating-point output are finite.
  func isFinite(output number: Int) -> Bool {
    let count = outputType(number).count
    // The bits without the sign are in the order of the magnitudes, with ∞ and NaN last.
    if dtype == .float64 {
      let bits = unsafe UnsafeRawPointer(rawOutput(number)).assumingMemoryBound(to: UInt64.self)
      return (0..<count).reduce(0) { unsafe max($0, bits[$1] << 1) }
        < Double.infinity.bitPattern << 1
    }
    let bits = unsafe UnsafeRawPointer(rawOutput(number)).assumingMemoryBound(to: UInt32.self)
    return (0..<count).reduce(0) { unsafe max($0, bits[$1] << 1) } < Float.infinity.bitPattern << 1
  }

  /// Computes the outputs by the kernel in Swift, once more: for what the compiled one is not right for, and
  /// is seldom met. Allocates as that does.
  func computeByReference(_ operation: some Operation) {
    var call = unsafe call.pointee
    operation.runReference(&call, dtype)
  }

  /// Gives inputs that only say how they repeat others elements of their own.
  func writeOutRepetitions() {
    for number in 0..<inputCount where storage(number).repetition != nil {
      _ = unsafe storage(number).rawPointer
    }
  }
}
