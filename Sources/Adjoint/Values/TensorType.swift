/// What is known of a tensor before its values are: the type of its elements and its shape.
public struct TensorType: Sendable, Hashable {
  /// The type of the elements.
  public var dtype: DType
  /// The extent of each axis; `[]` for a single value.
  public var shape: [Int]

  /// Makes a type.
  /// - Precondition: no extent is negative, and the number of elements fits an `Int`.
  public init(_ dtype: DType, _ shape: [Int]) {
    for extent in shape where extent < 0 {
      stop("tensor: the shape \(shape) has a negative extent; extents are 0 or more")
    }
    self.dtype = dtype
    self.shape = shape
  }

  /// The number of axes.
  public var rank: Int { shape.count }

  /// The number of elements, the product of the extents.
  public var count: Int {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      require(!overflow, "tensor: the shape \(shape) has more elements than an Int can count")
      count = product
    }
    return count
  }

  /// The same shape with elements of another type.
  public func with(_ dtype: DType) -> TensorType { TensorType(dtype, shape) }

  /// The same element type with another shape.
  public func with(shape: [Int]) -> TensorType { TensorType(dtype, shape) }
}

extension TensorType: CustomStringConvertible {
  /// Such as `float32[32, 10]`; a single value is `float32[]`.
  public var description: String { "\(dtype)\(shape)" }
}
