internal import AdjointKernels

/// Memory for elements that keeps its pages: what is released is handed out again.
///
/// The first touch of a fresh page costs ten times what writing to it does afterwards, so that a
/// training loop takes nothing from the system after its first steps. Blocks come in four sizes for
/// each power of two. At most twice as much is kept unused as was ever used at once.
final class MemoryPool: Sendable {
  static let shared = MemoryPool()

  /// One cache line, which is also the widest vector register.
  static let alignment = 64
  /// Blocks of this size and more begin at a large page.
  private static let largePage = 1 << 21
  /// What may always be kept unused.
  private static let smallReserve = 1 << 24

  private let state = Guarded(State())

  /// Unused blocks by size, each with the address of the next in its first word; and what is in
  /// use.
  private struct State {
    var unused: [UInt] = Array(repeating: 0, count: 4 * 64)
    var unusedBytes = 0
    var usedBytes = 0
    var mostUsedBytes = 0
  }

  deinit {
    state.withLock { state in
      for var address in state.unused {
        while let block = unsafe UnsafeMutableRawPointer(bitPattern: address) {
          address = unsafe block.load(as: UInt.self)
          unsafe block.deallocate()
        }
      }
    }
  }

  /// The size of the block for a number of bytes, and its place among the sizes.
  private static func size(for byteCount: Int) -> (bytes: Int, index: Int) {
    if byteCount <= alignment { return (alignment, 0) }
    let exponent = Int.bitWidth - 1 - (byteCount - 1).leadingZeroBitCount
    let step = max(1 << (exponent - 2), byteCount >= largePage ? largePage : alignment)
    let bytes = (byteCount + step - 1) & ~(step - 1)
    let rounded = Int.bitWidth - 1 - bytes.leadingZeroBitCount
    return (bytes, 4 * rounded + (bytes >> (rounded - 2)) & 3)
  }

  /// Memory for at least a number of bytes, without a value.
  func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    let size = MemoryPool.size(for: byteCount)
    let address: UInt = state.withLock { state in
      state.usedBytes += size.bytes
      state.mostUsedBytes = max(state.mostUsedBytes, state.usedBytes)
      let first = state.unused[size.index]
      guard let block = unsafe UnsafeRawPointer(bitPattern: first) else { return 0 }
      state.unused[size.index] = unsafe block.load(as: UInt.self)
      state.unusedBytes -= size.bytes
      return first
    }
    if let block = unsafe UnsafeMutableRawPointer(bitPattern: address) { return unsafe block }
    let isLarge = size.bytes >= MemoryPool.largePage
    let block = UnsafeMutableRawPointer.allocate(
      byteCount: size.bytes,
      alignment: isLarge ? MemoryPool.largePage : MemoryPool.alignment)
    if isLarge { unsafe adjointPreferLargePages(block, size.bytes) }
    return unsafe block
  }

  /// Takes back what `allocate` returned for the same number of bytes.
  func release(_ block: UnsafeMutableRawPointer, byteCount: Int) {
    let size = MemoryPool.size(for: byteCount)
    let address = UInt(bitPattern: block)
    let isKept = state.withLock { state in
      state.usedBytes -= size.bytes
      guard
        state.unusedBytes + size.bytes <= max(2 * state.mostUsedBytes, MemoryPool.smallReserve)
      else { return false }
      unsafe UnsafeMutableRawPointer(bitPattern: address)?.storeBytes(
        of: state.unused[size.index], as: UInt.self)
      state.unused[size.index] = address
      state.unusedBytes += size.bytes
      return true
    }
    if !isKept { unsafe block.deallocate() }
  }

  /// The bytes in blocks that are in use, and in blocks that are not.
  var bytes: (used: Int, unused: Int) { state.withLock { ($0.usedBytes, $0.unusedBytes) } }
}
