/// The sizes that blocks of memory come in: four for each power of two, so that a block is at most a
/// quarter larger than what is asked for, or a cache line.
struct BlockSize: Sendable {
  /// One cache line, which is also the widest vector register.
  static let alignment = 64
  /// The number of sizes.
  static let count = 4 * Int.bitWidth

  /// The place among all sizes, which are in order.
  let index: Int
  let bytes: Int

  /// The size of a block that has room for a number of bytes.
  init(for byteCount: Int) {
    guard byteCount > BlockSize.alignment else {
      (index, bytes) = (4 * BlockSize.alignment.trailingZeroBitCount, BlockSize.alignment)
      return
    }
    let exponent = Int.bitWidth - 1 - (byteCount - 1).leadingZeroBitCount
    let step = max(1 << (exponent - 2), BlockSize.alignment)
    bytes = (byteCount + step - 1) & -step
    let rounded = Int.bitWidth - 1 - bytes.leadingZeroBitCount
    index = 4 * rounded + (bytes >> (rounded - 2)) & 3
  }

  init(index: Int) {
    self.index = index
    bytes = (4 + index & 3) << (index / 4 - 2)
  }
}
