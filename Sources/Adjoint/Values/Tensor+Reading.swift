extension Tensor {
  /// Calls `body` with the elements in row-major order.
  /// - Precondition: `scalar` is the element type of the tensor; ``cast(to:)`` converts.
  public func withSpan<Scalar: TensorScalar, Result>(
    of scalar: Scalar.Type, _ body: (Span<Scalar>) throws -> Result
  ) rethrows -> Result {
    require(
      scalar.dtype == dtype,
      "withSpan: \(type) read as \(scalar.dtype); cast(to: .\(scalar.dtype)) first")
    let storage = self.storage
    return try withExtendedLifetime(storage) {
      try unsafe body(Span(_unsafeElements: storage.pointer(to: scalar)))
    }
  }

  /// Calls `body` with the elements in row-major order, to change them in place.
  ///
  /// A recorded tensor is detached first. Other tensors keep the old elements: these are copied,
  /// unless no one else refers to them. An index out of range stops the program as Swift's spans do, in a release
  /// build without a message.
  /// - Precondition: `scalar` is the element type of the tensor.
  public mutating func withMutableSpan<Scalar: TensorScalar, Result>(
    of scalar: Scalar.Type, _ body: (inout MutableSpan<Scalar>) throws -> Result
  ) rethrows -> Result {
    require(
      scalar.dtype == dtype,
      "withMutableSpan: \(type) written as \(scalar.dtype); cast(to: .\(scalar.dtype)) first")
    var storage = self.storage
    content = .stored(storage)
    if storage.isInFile || !holdsTheOnlyReference(to: &storage) { storage = storage.copy() }
    content = .stored(storage)
    var span = unsafe MutableSpan(_unsafeElements: storage.mutablePointer(to: scalar))
    return try body(&span)
  }

  /// Whether nothing refers to the storage but this tensor and the variable itself.
  private mutating func holdsTheOnlyReference(to storage: inout Storage) -> Bool {
    content = .stored(Tensor.empty)
    return isKnownUniquelyReferenced(&storage)
  }

  private static let empty = Storage(uninitialized: TensorType(.bool, [0]))

  /// The element at an index for each axis, as a double.
  /// - Precondition: there are as many indices as axes, each from 0 to below the axis's extent.
  public func element(_ indices: Int...) -> Double {
    require(
      indices.count == rank && zip(indices, shape).allSatisfy { (0..<$1).contains($0) },
      "element: the indices \(indices) are not within \(type); give one for each axis, from 0 on")
    let position = zip(indices, shape).reduce(0) { $0 * $1.1 + $1.0 }
    return storage.element(position)
  }

  /// The one element of a tensor that has just one.
  func onlyElement(_ reader: String) -> Double {
    require(
      count == 1, "\(reader): \(type) has \(count) elements; reduce it to one, or read an array")
    return storage.element(0)
  }
}

extension Tensor {
  /// The first of integers that is not in a range; nil if all are, or are those of a tape, which no one looks at
  /// while it is recorded.
  package func firstNumber(outside range: Range<Int>) -> Int32? {
    tape == nil ? [Int32](self).first { !range.contains(Int($0)) } : nil
  }
}

extension Array where Element: TensorScalar {
  /// The elements of a tensor in row-major order, converted to the array's type.
  public init(_ tensor: Tensor) {
    let elements = tensor.storage.converted(to: Element.dtype)
    self = unsafe Array(elements.pointer(to: Element.self))
    // The pointer is into the storage.
    withExtendedLifetime(elements) {}
  }
}

extension Float {
  /// The value of a tensor with one element.
  /// - Precondition: the tensor has one element.
  public init(_ tensor: Tensor) { self.init(tensor.onlyElement("Float")) }
}

extension Double {
  /// The value of a tensor with one element.
  /// - Precondition: the tensor has one element.
  public init(_ tensor: Tensor) { self = tensor.onlyElement("Double") }
}

extension Int {
  /// The value of a tensor with one element, rounded towards zero.
  /// - Precondition: the tensor has one element, a finite number.
  public init(_ tensor: Tensor) {
    let value = tensor.onlyElement("Int")
    guard let number = Int(exactly: value.rounded(.towardZero)) else {
      stop("Int: the element is \(value); an Int is a finite number up to ±2⁶³")
    }
    self = number
  }
}

extension Bool {
  /// The value of a tensor with one element: whether it is not zero.
  /// - Precondition: the tensor has one element.
  public init(_ tensor: Tensor) { self = tensor.onlyElement("Bool") != 0 }
}
