extension Tensor {
  /// Makes a float32 tensor of rank 0.
  public init(_ value: Float) {
    self.init(elements: [value], shape: [])
  }

  /// Makes a tensor of rank 0 of the scalar's own type.
  @_disfavoredOverload
  public init<Scalar: TensorScalar>(_ value: Scalar) {
    self.init(elements: [value], shape: [])
  }

  /// Makes a tensor of rank 0 of the given type.
  public init(_ value: Double, dtype: DType) {
    self = Tensor.full([], value, dtype: dtype)
  }

  /// Makes a float32 tensor from its elements in row-major order, of rank 1 unless a shape is
  /// given.
  /// - Precondition: the shape has as many elements as are given.
  public init(_ elements: [Float], shape: [Int]? = nil) {
    self.init(elements: elements, shape: shape ?? [elements.count])
  }

  /// Makes a tensor of the scalars' own type from its elements in row-major order.
  /// - Precondition: the shape has as many elements as are given.
  @_disfavoredOverload
  public init<Scalar: TensorScalar>(_ elements: [Scalar], shape: [Int]? = nil) {
    self.init(elements: elements, shape: shape ?? [elements.count])
  }

  /// Makes an int32 tensor from integers in row-major order, of rank 1 unless a shape is given.
  /// - Precondition: each fits an int32, and the shape has as many elements as are given.
  @_disfavoredOverload
  public init(_ elements: [Int], shape: [Int]? = nil) {
    self.init(
      elements: elements.map { element in
        guard let number = Int32(exactly: element) else {
          stop("tensor: \(element) does not fit an int32; give it as a Double")
        }
        return number
      }, shape: shape ?? [elements.count])
  }

  /// Makes a tensor of the given type from doubles in row-major order.
  /// - Precondition: the shape has as many elements as are given.
  public init(_ elements: [Double], shape: [Int]? = nil, dtype: DType) {
    let shape = shape ?? [elements.count]
    switch dtype {
    case .float32: self.init(elements: elements.map(Float.init(_:)), shape: shape)
    case .float64: self.init(elements: elements, shape: shape)
    case .int32: self.init(elements: elements.map(Int32.init(checking:)), shape: shape)
    case .bool: self.init(elements: elements.map { $0 != 0 }, shape: shape)
    }
  }

  /// Makes a float32 matrix from its rows.
  /// - Precondition: the rows have one length.
  public init(_ rows: [[Float]]) { self.init(nested: rows) }

  /// Makes a float32 tensor of rank 3 from nested arrays.
  /// - Precondition: arrays at one depth have one length.
  public init(_ blocks: [[[Float]]]) { self.init(nested: blocks) }

  /// Makes a float32 tensor of rank 4 from nested arrays.
  /// - Precondition: arrays at one depth have one length.
  public init(_ blocks: [[[[Float]]]]) { self.init(nested: blocks) }

  /// Makes a tensor of any rank from nested arrays, of their scalars' own type.
  /// - Precondition: arrays at one depth have one length.
  @_disfavoredOverload
  public init<Element: NestedElements>(_ nested: [[Element]]) { self.init(nested: nested) }

  private init<Nested: NestedElements>(nested: Nested) {
    var elements: [Nested.Scalar] = []
    nested.append(to: &elements)
    self.init(elements: elements, shape: nested.nestedShape)
  }

  private init<Scalar: TensorScalar>(elements: [Scalar], shape: [Int]) {
    let type = TensorType(Scalar.dtype, shape)
    require(
      type.count == elements.count,
      "tensor: \(elements.count) elements do not fill \(type), which has \(type.count)")
    self.init(type, Storage(shape: shape) { elements[$0] })
  }

  /// Makes a tensor with one value everywhere.
  /// - Precondition: a value for int32 is one.
  public static func full(_ shape: [Int], _ value: Double, dtype: DType = .float32) -> Tensor {
    require(
      dtype != .int32 || Int32(exactly: value) != nil,
      "full: \(value) is no int32; give a whole number from −2147483648 to 2147483647, or another "
        + "element type")
    return Tensor(TensorType(dtype, shape), .filled(Number(value: value, isLiteral: false)))
  }

  /// Makes a tensor with one value everywhere that is the same whenever it is made.
  private static func literal(_ value: Double, _ type: TensorType) -> Tensor {
    Tensor(type, .filled(Number(value: value, isLiteral: true)))
  }

  /// A number as a tensor of this tensor's element type.
  /// - Precondition: a number for an int32 tensor is whole.
  func scalar(_ value: Double, _ operation: @autoclosure () -> String = "number") -> Tensor {
    require(
      dtype != .int32 || Int32(exactly: value) != nil,
      "\(operation()): \(value) is no int32, as \(type) is; cast the tensor to float32 or float64")
    return .full([], value, dtype: dtype)
  }

  /// Makes a tensor of zeros.
  public static func zeros(_ shape: [Int], dtype: DType = .float32) -> Tensor {
    literal(0, TensorType(dtype, shape))
  }

  /// Makes a tensor of ones.
  public static func ones(_ shape: [Int], dtype: DType = .float32) -> Tensor {
    literal(1, TensorType(dtype, shape))
  }

  /// Makes a tensor of zeros with the shape and element type of another.
  public static func zeros(like other: Tensor) -> Tensor { literal(0, other.type) }

  /// Makes a tensor of ones with the shape and element type of another.
  public static func ones(like other: Tensor) -> Tensor { literal(1, other.type) }

  /// Makes the integers of a range.
  ///
  ///     0..<n   →   int32[n]
  /// - Precondition: those of int32 fit one.
  public static func range(_ range: Range<Int>, dtype: DType = .int32) -> Tensor {
    let (count, overflow) = range.upperBound.subtractingReportingOverflow(range.lowerBound)
    require(
      !overflow && count <= Int32.max
        && (dtype != .int32 || range.isEmpty
          || Int32(exactly: range.lowerBound) != nil
            && Int32(exactly: range.upperBound - 1) != nil),
      "range: \(range) does not fit a tensor of \(dtype); give integers that do, at most \(Int32.max)"
    )
    return made(TensorType(dtype, [count])) { Double(range.lowerBound + $0) }
  }

  /// Makes `count` values from `first` to `last`, both included, evenly spaced.
  /// - Precondition: `count` is at least 2.
  public static func linear(
    from first: Double, through last: Double, count: Int, dtype: DType = .float32
  ) -> Tensor {
    require(count >= 2, "linear: \(count) values cannot include both ends; ask for 2 or more")
    let (steps, span) = (Double(count - 1), last - first)
    return made(TensorType(dtype, [count])) {
      if $0 == count - 1 { return last }
      let place = Double($0)
      // Finite ends may be farther apart than a number says.
      return span.isInfinite && first.isFinite && last.isFinite
        ? first * (1 - place / steps) + last * (place / steps) : first + place * (span / steps)
    }
  }

  /// Makes the identity matrix.
  public static func identity(_ extent: Int, dtype: DType = .float32) -> Tensor {
    made(TensorType(dtype, [extent, extent])) { $0 / extent == $0 % extent ? 1 : 0 }
  }

  /// Makes so many places in an axis, int32[count], which a function gives in order.
  ///
  /// Memory for them is asked for first: what is too much for it is refused in words.
  static func places(_ count: Int, _ place: (Int) -> Int) -> Tensor {
    made(TensorType(.int32, [count])) { Double(place($0)) }
  }

  /// A tensor whose elements a function of their places gives, in order.
  private static func made(_ type: TensorType, _ element: (Int) -> Double) -> Tensor {
    func made<Scalar: TensorScalar>(_: Scalar.Type) -> Storage {
      Storage(shape: type.shape) { Scalar(checking: element($0)) }
    }
    return switch type.dtype {
    case .float32: Tensor(type, made(Float.self))
    case .float64: Tensor(type, made(Double.self))
    case .int32: Tensor(type, made(Int32.self))
    case .bool: Tensor(type, made(Bool.self))
    }
  }
}

/// A scalar, or an array of nested elements: what a tensor can be written as.
public protocol NestedElements {
  /// The type of the innermost elements.
  associatedtype Scalar: TensorScalar
  /// The extents from the outside in, read off the first element at each depth.
  var nestedShape: [Int] { get }
  /// Appends the innermost elements in row-major order.
  func append(to elements: inout [Scalar])
}

extension NestedElements where Self: TensorScalar {
  /// A scalar has no axes.
  public var nestedShape: [Int] { [] }
  /// Appends the scalar itself.
  public func append(to elements: inout [Self]) { elements.append(self) }
}

extension Float: NestedElements {}
extension Double: NestedElements {}
extension Int32: NestedElements {}
extension Bool: NestedElements {}

extension Array: NestedElements where Element: NestedElements {
  public var nestedShape: [Int] { [count] + (first?.nestedShape ?? []) }

  public func append(to elements: inout [Element.Scalar]) {
    for (position, element) in enumerated() {
      require(
        element.nestedShape == self[0].nestedShape,
        "tensor: element \(position) has the shape \(element.nestedShape), element 0 "
          + "\(self[0].nestedShape); give nested arrays of one length")
      element.append(to: &elements)
    }
  }
}
