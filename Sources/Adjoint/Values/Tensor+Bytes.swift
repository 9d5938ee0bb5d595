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
