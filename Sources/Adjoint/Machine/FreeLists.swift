/// The blocks that are not in use, in a list for each size.
///
/// Not in an array, which would look at each change whether it is shared; nor in a buffer, whose elements
/// Swift 6.3 cannot compile in place for the thread sanitizer.
@safe
struct FreeLists: ~Copyable {
  /// Each block has the address of the next in its first word.
  private struct List {
    var first: UInt = 0
    var count = 0
    /// The least that `count` was since idle blocks were removed.
    var least = 0
    /// When a block of the size was asked for last.
    var lastDemand = 0

    mutating func push(_ block: UInt) {
      BlockChain.setNext(of: block, to: first)
      first = block
      count += 1
    }

    mutating func pop() -> UInt {
      let block = first
      guard block != 0 else { return 0 }
      first = BlockChain.next(of: block)
      count -= 1
      least = min(least, count)
      return block
    }

    mutating func pop(at time: Int) -> UInt {
      lastDemand = time
      return pop()
    }

    mutating func pop(_ number: Int, of size: BlockSize, into chain: inout BlockChain) {
      for _ in 0..<number { chain.append(pop(), size) }
    }
  }

  private let lists: UnsafeMutablePointer<List>

  init() {
    unsafe lists = .allocate(capacity: BlockSize.count)
    unsafe lists.initialize(repeating: List(), count: BlockSize.count)
  }

  deinit { unsafe lists.deallocate() }

  mutating func add(_ block: UInt, _ size: BlockSize) { unsafe lists[size.index].push(block) }

  /// The block that came last of a size that is asked for; 0 if there is none.
  mutating func take(_ size: BlockSize, at time: Int) -> UInt {
    unsafe lists[size.index].pop(at: time)
  }

  /// Removes blocks of at least a number of bytes, if there are so many, and returns how many bytes went:
  /// those first whose size was not asked for longest.
  mutating func remove(bytes: Int, into chain: inout BlockChain) -> Int {
    var removed = 0
    while removed < bytes, let size = oldest {
      let wanted = (bytes - removed + size.bytes - 1) / size.bytes
      removed += remove(wanted, of: size, into: &chain)
    }
    return removed
  }

  /// Removes the blocks that have been here since the last time, and returns how many bytes went.
  mutating func removeIdle(into chain: inout BlockChain) -> Int {
    var removed = 0
    for index in 0..<BlockSize.count {
      removed += unsafe remove(lists[index].least, of: BlockSize(index: index), into: &chain)
      unsafe lists[index].least = unsafe lists[index].count
    }
    return removed
  }

  private mutating func remove(
    _ wanted: Int, of size: BlockSize, into chain: inout BlockChain
  ) -> Int {
    let number = unsafe min(wanted, lists[size.index].count)
    unsafe lists[size.index].pop(number, of: size, into: &chain)
    return number * size.bytes
  }

  /// The size that was not asked for longest, of those that there are blocks of.
  private var oldest: BlockSize? {
    var best: Int?
    for index in 0..<BlockSize.count where unsafe lists[index].count > 0 {
      guard let other = best, unsafe lists[other].lastDemand <= lists[index].lastDemand else {
        best = index
        continue
      }
    }
    return best.map { BlockSize(index: $0) }
  }
}
