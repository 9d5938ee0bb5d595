extension Tensor {
  /// Makes a tensor whose elements are written as bytes, in the machine's order, straight into its memory.
  ///
  /// For readers of files. The memory holds no value before, and `write` has to write all of it; a byte of a
  /// bool is 0 or 1.
  package init<Failure: Error>(
    _ type: TensorType, bytes write: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    let storage = Storage(uninitialized: type)
    try unsafe write(
      UnsafeMutableRawBufferPointer(
        start: storage.rawPointer, count: storage.count * type.dtype.byteCount))
    self.init(type, storage)
  }

  /// Makes a tensor whose elements lie in a file, in the machine's order, and stay there: they come into memory
  /// without being copied.
  ///
  /// Nil where that costs more than reading them, as for small ones, or cannot be: at a place that is not aligned to
  /// an element, and for bools, whose bytes have to be looked at.
  package init?(_ type: TensorType, in file: @autoclosure () -> LeasedFile?, at place: Int) {
    let (size, byteCount) = (type.dtype.byteCount, type.count * type.dtype.byteCount)
    guard byteCount >= FileRegion.least, type.dtype != .bool, place % size == 0,
      let file = file(), let region = FileRegion(file, at: place, byteCount: byteCount)
    else { return nil }
    self.init(type, Storage(type, in: region))
  }

  /// Calls `body` with the elements as bytes, in the machine's order.
  package func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let storage = self.storage
    defer { withExtendedLifetime(storage) {} }
    return try unsafe body(
      UnsafeRawBufferPointer(start: storage.rawPointer, count: storage.count * dtype.byteCount))
  }
}
