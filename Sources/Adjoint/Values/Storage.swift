import Synchronization

/// The elements of a tensor in memory: dense, row-major, aligned to a cache line.
///
/// Written once, by the kernel that computes it or the initializer that fills it, before any other
/// reference to it exists; then only read. Who changes its elements, as a tensor or the step of an optimizer,
/// copies the storage first unless it holds the only reference. That is why it may be shared between tasks, and it is
/// the one type of the package whose `Sendable` the compiler takes on trust.
///
/// Elements that repeat those of another storage take no memory until someone reads them one by
/// one: what was broadcast is only said to repeat, and kernels that can make use of it do. Elements may
/// also lie in a file, aligned to themselves alone, where they can only be read.
@safe @usableFromInline
final class Storage: @unchecked Sendable {
  @usableFromInline let dtype: DType
  @usableFromInline let count: Int
  /// Where the elements are; nil while they are only known as a repetition.
  private let base: Atomic<UnsafeMutableRawPointer?>
  private let origin: Origin

  /// Whose memory the elements are in, once they are in memory.
  private enum Origin {
    case pool
    case repeated(Repeated)
    case file(FileRegion)
  }

  /// The storage whose elements are repeated, and how.
  struct Repeated {
    let source: Storage
    let pattern: Repetition
  }

  /// Allocates room for the elements of `type`, without a value.
  init(uninitialized type: TensorType) {
    dtype = type.dtype
    count = type.count
    origin = .pool
    unsafe base = Atomic(Storage.allocate(count, dtype))
  }

  /// The elements of `type` that lie in a file.
  /// - Precondition: the region has as many bytes, and is aligned to an element.
  init(_ type: TensorType, in region: FileRegion) {
    dtype = type.dtype
    count = type.count
    origin = .file(region)
    unsafe base = Atomic(UnsafeMutableRawPointer(bitPattern: region.address))
    unsafe Storage.bind(rawPointer, count, dtype)
  }

  /// The elements of another storage repeated.
  init(repeating source: Storage, _ pattern: Repetition) {
    dtype = source.dtype
    count = pattern.outer * pattern.middle * pattern.inner
    origin = .repeated(Repeated(source: source, pattern: pattern))
    unsafe base = Atomic(nil)
  }

  /// One number everywhere.
  static func filled(_ type: TensorType, with value: Double) -> Storage {
    element(value, type.dtype).repeated(Repetition(outer: 1, middle: 1, inner: type.count))
  }

  /// One element.
  private static func element(_ value: Double, _ dtype: DType) -> Storage {
    switch dtype {
    case .float32: Storage(shape: []) { _ in Float(converting: value) }
    case .float64: Storage(shape: []) { _ in value }
    case .int32: Storage(shape: []) { _ in Int32(checking: value) }
    case .bool: Storage(shape: []) { _ in value != 0 }
    }
  }

  /// Room for the elements of `type`, of which no one may ask before ``fill(from:)``.
  init(roomFor type: TensorType) {
    dtype = type.dtype
    count = type.count
    origin = .pool
    unsafe base = Atomic(nil)
  }

  /// Whether this is room that has not been filled.
  var isRoom: Bool {
    guard case .pool = origin else { return false }
    return unsafe base.load(ordering: .relaxed) == nil
  }

  /// Whether the elements lie in a file, so that no one may write to them.
  var isInFile: Bool {
    guard case .file = origin else { return false }
    return true
  }

  /// Fills room with the elements of another storage: takes its memory, if no one else refers to it.
  /// - Precondition: as many elements, of the same type.
  func fill(from source: consuming Storage) {
    require(
      source.dtype == dtype && source.count == count,
      "storage: \(source.count) elements of \(source.dtype) do not fill room for \(count) of \(dtype)"
    )
    var source = source
    let isUnique = isKnownUniquelyReferenced(&source) && source.ownsMemory
    let other = isUnique ? source : source.copy()
    unsafe base.store(other.base.exchange(nil, ordering: .relaxed), ordering: .releasing)
  }

  /// Whether it has memory of its own, which can be written to.
  var ownsMemory: Bool { repetition == nil && !isInFile }

  deinit {
    if !isInFile, let block = unsafe base.load(ordering: .relaxed) {
      unsafe MemoryPool.shared.release(block, byteCount: count * dtype.byteCount)
    }
  }

  private static func allocate(_ count: Int, _ dtype: DType) -> UnsafeMutableRawPointer {
    let block = unsafe MemoryPool.shared.allocate(byteCount: count * dtype.byteCount)
    unsafe bind(block, count, dtype)
    return unsafe block
  }

  private static func bind(_ memory: UnsafeMutableRawPointer, _ count: Int, _ dtype: DType) {
    switch dtype {
    case .float32: unsafe memory.bindMemory(to: Float.self, capacity: count)
    case .float64: unsafe memory.bindMemory(to: Double.self, capacity: count)
    case .int32: unsafe memory.bindMemory(to: Int32.self, capacity: count)
    case .bool: unsafe memory.bindMemory(to: Bool.self, capacity: count)
    }
  }

  /// The elements repeated; this storage itself where that changes nothing.
  func repeated(_ pattern: Repetition) -> Storage {
    if pattern.outer == 1, pattern.inner == 1 { return self }
    if pattern.middle == 1, let known = repetition, known.pattern.middle == 1 {
      return Storage(repeating: known.source, pattern)
    }
    return Storage(repeating: self, pattern)
  }

  /// What the elements repeat, as long as no one has asked for them one by one.
  var repetition: Repeated? {
    guard case .repeated(let repeated) = origin else { return nil }
    return unsafe base.load(ordering: .relaxed) == nil ? repeated : nil
  }

  /// The elements, to read.
  func pointer<Scalar: TensorScalar>(to scalar: Scalar.Type) -> UnsafeBufferPointer<Scalar> {
    require(
      scalar.dtype == dtype, "storage: its elements are \(dtype), read as \(scalar.dtype)")
    return unsafe UnsafeBufferPointer(
      start: rawPointer.assumingMemoryBound(to: scalar), count: count)
  }

  /// Whether there are elements, of numbers, and all are 0: known at the first that is not.
  var isZero: Bool {
    if let repetition { return count > 0 && repetition.source.isZero }
    func isZero<Scalar: NumericScalar>(_: Scalar.Type) -> Bool {
      unsafe count > 0 && pointer(to: Scalar.self).allSatisfy { $0 == 0 }
    }
    return switch dtype {
    case .float32: isZero(Float.self)
    case .float64: isZero(Double.self)
    case .int32: isZero(Int32.self)
    case .bool: false
    }
  }

  /// The first byte.
  @usableFromInline var rawPointer: UnsafeMutableRawPointer {
    if let block = unsafe base.load(ordering: .acquiring) { return unsafe block }
    guard case .repeated(let repeated) = origin else {
      stop("storage: it has neither elements nor a repetition")
    }
    let block = unsafe Storage.allocate(count, dtype)
    unsafe repeated.pattern.write(repeated.source, to: block)
    // Of two threads that have written them, one keeps its own.
    let (isFirst, other) = unsafe base.compareExchange(
      expected: nil, desired: block, ordering: .acquiringAndReleasing)
    if isFirst { return unsafe block }
    unsafe MemoryPool.shared.release(block, byteCount: count * dtype.byteCount)
    return unsafe other ?? block
  }

  /// The elements, to write; only for who holds the only reference, and not in a file.
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

  /// The elements as those of another type.
  func converted(to dtype: DType) -> Storage {
    func converted<Source: TensorScalar, Target: TensorScalar>(
      _: Source.Type, _: Target.Type
    ) -> Storage {
      let source = unsafe pointer(to: Source.self)
      return Storage(shape: [count]) { unsafe Target(checking: source[$0].asDouble) }
    }
    func converted<Source: TensorScalar>(_ source: Source.Type) -> Storage {
      switch dtype {
      case .float32: converted(source, Float.self)
      case .float64: converted(source, Double.self)
      case .int32: converted(source, Int32.self)
      case .bool: converted(source, Bool.self)
      }
    }
    if dtype == self.dtype { return self }
    return switch self.dtype {
    case .float32: converted(Float.self)
    case .float64: converted(Double.self)
    case .int32: converted(Int32.self)
    case .bool: converted(Bool.self)
    }
  }

  /// The element at a place, as a double.
  func element(_ place: Int) -> Double {
    func element<Scalar: TensorScalar>(_ scalar: Scalar.Type) -> Double {
      unsafe pointer(to: scalar)[place].asDouble
    }
    return switch dtype {
    case .float32: element(Float.self)
    case .float64: element(Double.self)
    case .int32: element(Int32.self)
    case .bool: element(Bool.self)
    }
  }

  /// A copy of the elements in memory of its own.
  func copy() -> Storage {
    let copy = Storage(uninitialized: TensorType(dtype, [count]))
    unsafe copy.rawPointer.copyMemory(from: rawPointer, byteCount: count * dtype.byteCount)
    return copy
  }
}
