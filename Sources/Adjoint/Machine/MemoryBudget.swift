/// What a pool knows of its blocks, and which of those that are not in use it keeps.
///
/// Time is counted in blocks handed out, a large one once for each MiB of it: a step of training is as
/// long on any machine. All blocks together, used and unused, take at most twice what was in use at once
/// in this period or the last, or 16 MiB more; for a new block beyond that, those go whose size was not
/// asked for longest. At the end of a period those go too that were unused for all of it. A loop whose
/// rounds are shorter than a period keeps what it needs, evaluation between epochs included.
/// Source of the second rule: Ghemawat & Menage, "TCMalloc: Thread-Caching Malloc" (2005), "Garbage
/// Collection of Thread Caches", where half of that low-water mark goes.
struct MemoryBudget: ~Copyable {
  /// What may always be kept.
  static let reserve = 1 << 24

  private var lists = FreeLists()
  private(set) var usedBytes = 0
  private(set) var unusedBytes = 0
  private(set) var mostUsedBytes = 0
  /// The most bytes that were in use at once in this period, and in the last.
  private var peak = 0
  private var lastPeak = 0
  private var time = 0
  private var endOfPeriod: Int
  private let period: Int
  /// What all blocks may take, as long as not more is in use.
  private let ceiling: Int

  init(period: Int, ceiling: Int) {
    self.period = period
    self.ceiling = ceiling
    endOfPeriod = period
  }

  /// The most bytes that used and unused blocks may take together.
  var bound: Int {
    let recent = max(peak, lastPeak)
    return max(min(max(2 * recent, recent + MemoryBudget.reserve), ceiling), usedBytes)
  }

  /// Says that a block of a size comes into use: an unused one, or 0 if there is none; and what is to be
  /// given back before a new one is made.
  mutating func take(_ size: BlockSize) -> (block: UInt, surplus: BlockChain) {
    usedBytes += size.bytes
    peak = max(peak, usedBytes)
    mostUsedBytes = max(mostUsedBytes, usedBytes)
    time += 1 + size.bytes >> 20
    let block = lists.take(size, at: time)
    var surplus = BlockChain()
    if block != 0 { unusedBytes -= size.bytes } else { shrink(&surplus) }
    if time >= endOfPeriod { endPeriod(&surplus) }
    return (block, surplus)
  }

  /// Says that a block is no longer in use.
  mutating func put(_ block: UInt, _ size: BlockSize) {
    usedBytes -= size.bytes
    unusedBytes += size.bytes
    lists.add(block, size)
  }

  /// Removes all blocks that are not in use.
  mutating func removeAll() -> BlockChain {
    var all = BlockChain()
    all.isThorough = true
    unusedBytes -= lists.remove(bytes: unusedBytes, into: &all)
    return all
  }

  /// Has `mostUsedBytes` begin with what is in use now.
  mutating func forgetMostUsed() { mostUsedBytes = usedBytes }

  private mutating func shrink(_ surplus: inout BlockChain) {
    unusedBytes -= lists.remove(bytes: usedBytes + unusedBytes - bound, into: &surplus)
  }

  private mutating func endPeriod(_ surplus: inout BlockChain) {
    endOfPeriod = time + period
    (lastPeak, peak) = (peak, usedBytes)
    surplus.isThorough = true
    unusedBytes -= lists.removeIdle(into: &surplus)
    shrink(&surplus)
  }
}
