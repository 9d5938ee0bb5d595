/// The elements of a tensor in memory: dense, row-major, aligned to a cache line.
///
/// Written once, by the kernel that computes it or the initializer that fills it, before any other
/// reference to it exists; then only read. A tensor that changes its elements copies the storage
/// first unless it holds the only reference. That is why it may be shared between tasks, and it is
/// the one type of the package whose `Sendable` the compiler takes on trust.
@safe
final class Storage: @unchecked Sendable {
  /// One cache line, which is also the widest vector register.
  static let alignment = 64

  let dtype: DType
  let count: Int
  private let base: UnsafeMutableRawPointer

  /// Allocates room for the elements of `type`, without a value.
  init(uninitialized type: TensorType) {
    dtype = type.dtype
    count = type.count
    unsafe base = .allocate(
      byteCount: max(count * type.dtype.byteCount, 1), alignment: Storage.alignment)
    switch dtype {
    case .float32: unsafe base.bindMemory(to: Float.self, capacity: count)
    case .float64: unsafe base.bindMemory(to: Double.self, capacity: count)
    case .int32: unsafe base.bindMemory(to: Int32.self, capacity: count)
    case .bool: unsafe base.bindMemory(to: Bool.self, capacity: count)
    }
  }

  deinit { unsafe base.deallocate() }

  /// The elements, to read.
  func pointer<Scalar: TensorScalar>(to scalar: Scalar.Type) -> UnsafeBufferPointer<Scalar> {
    require(
      scalar.dtype == dtype, "storage: its elements are \(dtype), read as \(scalar.dtype)")
    return unsafe UnsafeBufferPointer(
      start: base.assumingMemoryBound(to: scalar), count: count)
  }

  /// The first byte; only for kernel frames.
  var rawPointer: UnsafeMutableRawPointer { unsafe base }

  /// The elements, to write; only for who holds the only reference.
  func mutablePointer<Scalar: TensorScalar>(
    to scalar: Scalar.Type
  ) -> UnsafeMutableBufferPointer<Scalar> {
    unsafe UnsafeMutableBufferPointer(mutating: pointer(to: scalar))
  }

  /// Elements from a closure that is called for each position in order.
  convenience init<Scalar: TensorScalar>(shape: [Int], _ element: (Int) -> Scalar) {
    self.init(uninitialized: TensorType(Scalar.dtype, shape))
    let elements = unsafe mutablePointer(to: Scalar.self)
    for position in 0..<count { unsafe elements[position] = element(position) }
  }

  /// A copy of the elements in memory of its own.
  func copy() -> Storage {
    let copy = Storage(uninitialized: TensorType(dtype, [count]))
    unsafe copy.base.copyMemory(from: base, byteCount: count * dtype.byteCount)
    return copy
  }
}
