/// Memory for elements that keeps its pages: what is released is handed out again.
///
/// The first touch of a fresh page costs ten times what writing to it does afterwards, so that a
/// training loop takes nothing from the system after its first steps. What is kept follows what was in
/// use lately; see `MemoryBudget`. If the system refuses a block, all that are not in use are given
/// back first. The system is never called while a thread holds the lock that others need.
final class MemoryPool: Sendable {
  static let shared = MemoryPool(SystemMemory.shared)

  /// All blocks take at most so much of what the process may have, unless more is in use: it has other
  /// memory too.
  private static let share = 0.75

  private let system: SystemMemory
  private let budget: Guarded<MemoryBudget>
  /// Held while blocks are given back, so that who was refused one finds them given back.
  private let returning = Guarded(())

  /// - Parameter period: after how many blocks handed out those go that lay unused meanwhile: some
  ///   seconds of the smallest operations.
  init(_ system: SystemMemory, period: Int = 1 << 20) {
    self.system = system
    let ceiling = Int(MemoryPool.share * Double(system.limit))
    budget = Guarded(MemoryBudget(period: period, ceiling: ceiling))
  }

  deinit { trim() }

  /// Memory for at least a number of bytes, without a value.
  func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    let size = BlockSize(for: byteCount)
    let (address, surplus) = budget.withLock { $0.take(size) }
    if !surplus.isEmpty { returning.withLock { _ in giveBack(surplus) } }
    return unsafe UnsafeMutableRawPointer(bitPattern: address) ?? make(size)
  }

  /// Takes back what `allocate` returned for the same number of bytes.
  func release(_ block: UnsafeMutableRawPointer, byteCount: Int) {
    let (address, size) = (UInt(bitPattern: block), BlockSize(for: byteCount))
    budget.withLock { $0.put(address, size) }
  }

  /// Gives back all blocks that are not in use.
  func trim() { returning.withLock { _ in giveBackAll() } }

  /// The bytes in blocks that are in use, and in blocks that are not; and the most that was in use.
  var bytes: (used: Int, unused: Int, mostUsed: Int) {
    budget.withLock { ($0.usedBytes, $0.unusedBytes, $0.mostUsedBytes) }
  }

  /// Has `mostUsed` begin with what is in use now.
  func forgetMostUsed() { budget.withLock { $0.forgetMostUsed() } }

  /// A new block; if the system refuses, then in place of all that are not in use.
  private func make(_ size: BlockSize) -> UnsafeMutableRawPointer {
    if let block = unsafe system.take(size.bytes) { return unsafe block }
    let address = returning.withLock { _ in
      if let block = unsafe system.take(size.bytes) { return UInt(bitPattern: block) }
      giveBackAll()
      return unsafe UInt(bitPattern: system.take(size.bytes))
    }
    if let block = unsafe UnsafeMutableRawPointer(bitPattern: address) { return unsafe block }
    stop(
      "memory: the system refuses \(size.bytes) bytes while \(bytes.used - size.bytes) are in use and "
        + "none are kept unused; compute less at once, as with smaller batches, or raise the limit")
  }

  private func giveBackAll() { giveBack(budget.withLock { $0.removeAll() }) }

  private func giveBack(_ chain: BlockChain) {
    unsafe chain.giveBack(by: system.giveBack)
    if chain.isThorough { system.giveBackFreed() }
  }
}
