/// How elements repeat others: element (i, j, k) of [outer, middle, inner] is number j of `middle`.
///
/// So a single number fills a tensor with `middle` 1, a row repeats with `inner` 1, and a column
/// with `outer` 1. With `outer` and `inner` 1 the elements are the same, under another shape.
public struct Repetition: Sendable, Equatable {
  /// How often all of them repeat.
  public let outer: Int
  /// How many there are.
  public let middle: Int
  /// How often each of them repeats, next to itself.
  public let inner: Int

  /// Makes a repetition.
  public init(outer: Int, middle: Int, inner: Int) {
    self.outer = outer
    self.middle = middle
    self.inner = inner
  }

  /// The elements as they are.
  static func none(of type: TensorType) -> Repetition {
    Repetition(outer: 1, middle: type.count, inner: 1)
  }

  /// Whether the elements of one type, repeated, are as many as those of another.
  func fits(_ source: TensorType, _ target: TensorType) -> Bool {
    guard source.dtype == target.dtype, middle == source.count, outer >= 0, inner >= 0 else {
      return false
    }
    let (rows, rowsOverflow) = outer.multipliedReportingOverflow(by: middle)
    let (count, overflow) = rows.multipliedReportingOverflow(by: inner)
    return !rowsOverflow && !overflow && count == target.count
  }

  /// Writes out the repeated elements of `source`.
  func write(_ source: Storage, to target: UnsafeMutableRawPointer) {
    func write<Scalar: TensorScalar>(_: Scalar.Type) {
      let elements = unsafe source.pointer(to: Scalar.self)
      let target = unsafe target.assumingMemoryBound(to: Scalar.self)
      guard inner > 0 else { return }
      for i in 0..<outer {
        let block = unsafe target + i * middle * inner
        if inner == 1, let first = elements.baseAddress {
          unsafe block.update(from: first, count: middle)
        } else {
          for j in 0..<middle {
            unsafe (block + j * inner).update(repeating: elements[j], count: inner)
          }
        }
      }
    }
    switch source.dtype {
    case .float32: write(Float.self)
    case .float64: write(Double.self)
    case .int32: write(Int32.self)
    case .bool: write(Bool.self)
    }
  }
}
