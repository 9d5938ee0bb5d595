/// What is known of a tensor before its values are: the type of its elements and its shape.
public struct TensorType: Sendable, Hashable {
  /// The type of the elements.
  public var dtype: DType
  /// The extent of each axis; `[]` for a single value.
  public var shape: [Int] {
    didSet { TensorType.requireCountable(shape) }
  }

  /// Makes a type.
  /// - Precondition: no extent is negative, and the bytes of all elements can be counted, extents of 0 taken
  ///   as 1: so can then what any of the axes hold.
  public init(_ dtype: DType, _ shape: [Int]) {
    TensorType.requireCountable(shape)
    self.dtype = dtype
    self.shape = shape
  }

  @inline(__always)
  private static func requireCountable(_ shape: [Int]) {
    if !isCountable(shape) { stop(objection(to: shape)) }
  }

  /// Whether extents are those of a tensor: none is negative, and bytes can be counted, 8 for each element,
  /// extents of 0 taken as 1.
  @inline(__always)
  package static func isCountable(_ shape: [Int]) -> Bool {
    var bytes = 8
    for extent in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: Swift.max(extent, 1))
      guard extent >= 0, !overflow else { return false }
      bytes = product
    }
    return true
  }

  @inline(never)
  private static func objection(to shape: [Int]) -> String {
    shape.contains { $0 < 0 }
      ? "tensor: the shape \(shape) has a negative extent; extents are 0 or more"
      : "tensor: the shape \(shape) has more elements than memory can hold; use smaller extents"
  }

  /// The number of axes.
  public var rank: Int { shape.count }

  /// The number of elements, the product of the extents.
  public var count: Int { shape.reduce(1, *) }

  /// The same shape with elements of another type.
  public func with(_ dtype: DType) -> TensorType { TensorType(dtype, shape) }

  /// The same element type with another shape.
  public func with(shape: [Int]) -> TensorType { TensorType(dtype, shape) }
}

extension TensorType: CustomStringConvertible {
  /// Such as `float32[32, 10]`; a single value is `float32[]`.
  public var description: String { "\(dtype)\(shape)" }
}
