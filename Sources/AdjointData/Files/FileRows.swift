import Adjoint

/// An array in a file, whose rows, the parts of its first axis, are read when they are asked for.
///
/// For data that do not fit in memory. Elements have the types that the whole array would have.
public struct FileRows: Sendable {
  /// The extents of the whole array.
  public let shape: [Int]
  private let source: ByteSource
  private let stored: StoredType
  private let start: Int
  private let highByteFirst: Bool
  private let called: String

  init(
    _ source: ByteSource, _ stored: StoredType, _ shape: [Int], start: Int, highByteFirst: Bool,
    called: String
  ) {
    self.shape = shape
    self.source = source
    self.stored = stored
    self.start = start
    self.highByteFirst = highByteFirst
    self.called = called
  }

  /// The type of the whole array.
  public var type: TensorType { TensorType(stored.dtype, shape) }

  /// The number of rows.
  public var count: Int { shape[0] }

  /// Reads rows, in the order in which they are asked for.
  ///
  ///     n places   →   [n, …]
  /// - Precondition: each place is from 0 to below `count`.
  public func rows(_ places: [Int]) throws(FileError) -> Tensor {
    let extents = Array(shape.dropFirst())
    let size = extents.reduce(stored.byteCount, *)
    let type = TensorType(stored.dtype, [places.count] + extents)
    return try unsafe Tensor(
      type,
      bytes: { room throws(FileError) in
        let step = places.isEmpty ? 0 : room.count / places.count
        for (number, place) in places.enumerated() {
          require(
            (0..<count).contains(place),
            "rows: there is no row \(place) of \(count); give places from 0 on")
          let row = unsafe UnsafeMutableRawBufferPointer(
            rebasing: room[(number * step)..<((number + 1) * step)])
          try unsafe source.read(
            stored, at: start + place * size, highByteFirst: highByteFirst, into: row,
            called: called)
        }
      })
  }

  /// Reads the whole array.
  public func all() throws(FileError) -> Tensor {
    try source.tensor(stored, shape, at: start, highByteFirst: highByteFirst, called: called)
  }

  /// Stops at an array without axes.
  func requireRows() throws(FileError) {
    guard shape.isEmpty else { return }
    throw source.error(
      .unsupported("\(called) is a single number, without rows", remedy: "read it"))
  }
}
