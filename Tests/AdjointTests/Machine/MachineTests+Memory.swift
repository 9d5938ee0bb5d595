import Foundation
import Testing

@testable import Adjoint

/// The memory of tensors.
extension MachineTests {
  /// A block, and the number of bytes that was asked for.
  struct Block {
    let address: UInt
    let byteCount: Int

    init(_ byteCount: Int, of pool: MemoryPool) {
      address = UInt(bitPattern: pool.allocate(byteCount: byteCount))
      self.byteCount = byteCount
    }

    func release(to pool: MemoryPool) {
      pool.release(UnsafeMutableRawPointer(bitPattern: address)!, byteCount: byteCount)
    }
  }

  @Test("Blocks are at most a quarter larger than what is asked for, or 64 bytes")
  func blockSizes() {
    let large = (12...40).flatMap { exponent in (-1...1).map { 1 << exponent + $0 } }
    for byteCount in Array(0...5000) + large {
      let size = BlockSize(for: byteCount)
      #expect(size.bytes >= byteCount && size.bytes % 64 == 0)
      #expect(size.bytes - max(byteCount, 1) < max(64, byteCount / 4 + 1))
      #expect(BlockSize(index: size.index).bytes == size.bytes)
      #expect(BlockSize(for: size.bytes).index == size.index)
    }
  }

  @Test("Blocks of memory are handed out again, and hold what they are asked for")
  func blocksAreHandedOutAgain() {
    let pool = MemoryPool(.shared)
    for byteCount in [0, 1, 64, 65, 100, 1000, 4097, 1 << 20, 3 << 20, 5_000_001] {
      let block = pool.allocate(byteCount: byteCount)
      #expect(UInt(bitPattern: block) % 64 == 0)
      if byteCount >= 1 << 21 { #expect(UInt(bitPattern: block) % (1 << 21) == 0) }
      block.initializeMemory(as: UInt8.self, repeating: 7, count: byteCount)
      let address = UInt(bitPattern: block)
      pool.release(block, byteCount: byteCount)
      let again = pool.allocate(byteCount: byteCount)
      #expect(UInt(bitPattern: again) == address, "\(byteCount) bytes")
      pool.release(again, byteCount: byteCount)
      #expect(pool.bytes.used == 0)
    }
  }

  @Test("All blocks take at most twice what was in use lately, whatever their sizes")
  func boundOnWhatIsKept() {
    let (memory, period) = (CountedMemory(), 500)
    let pool = MemoryPool(memory.system(), period: period)
    var generator = Philox(seed: 3)
    let numbers = [Double](Tensor.uniform([10_000], using: &generator).cast(to: .float64))
    var live: [Block] = []
    // When a block was handed out, and how much was in use then.
    var history: [(time: Int, used: Int)] = [(0, 0)]
    for step in 0..<numbers.count / 2 {
      // From some KiB to some MiB, up and down; and now and then a large size that never comes again.
      let scale = pow(2, 16 + 5 * sin(Double(step) / 350))
      let isSingle = step % 500 == 499
      let byteCount = isSingle ? 20 << 20 + step << 13 : Int(scale * (1 + 3 * numbers[2 * step]))
      live.append(Block(byteCount, of: pool))
      let (used, unused, _) = pool.bytes
      #expect(used == live.reduce(0) { $0 + BlockSize(for: $1.byteCount).bytes })
      #expect(memory.bytes == used + unused)
      let time = history[history.count - 1].time + 1 + BlockSize(for: byteCount).bytes >> 20
      history.append((time, used))
      // A period ends with a block, whose time is part of it.
      let begin = time - 2 * (period + 64)
      let recent = history.reversed().prefix { $0.time > begin }.map(\.used).max() ?? 0
      #expect(used + unused <= max(2 * recent, recent + 1 << 24), "step \(step)")
      while live.count > 8 {
        live.remove(at: Int(numbers[2 * step + 1] * Double(live.count))).release(to: pool)
      }
    }
    for block in live { block.release(to: pool) }
    pool.trim()
    #expect(memory.bytes == 0 && pool.bytes.unused == 0)
  }

  @Test("A loop takes nothing from the system after its first round, with other phases in between")
  func aLoopTakesNothing() {
    let memory = CountedMemory()
    let pool = MemoryPool(memory.system(), period: 10_000)
    /// Blocks that come one after another, and go in the other order, as in a step of training.
    func round(_ byteCounts: [Int]) {
      let blocks = byteCounts.map { Block($0, of: pool) }
      for block in blocks.reversed() { block.release(to: pool) }
    }
    func epoch() {
      for _ in 0..<50 { round([100, 24 << 20, 70_000, 40 << 20, 70_000, 24 << 20]) }
      for _ in 0..<300 { round([200, 3 << 20, 70_000]) }
    }
    epoch()
    let takes = memory.takes
    for _ in 0..<20 { epoch() }
    #expect(memory.takes == takes)
  }

  @Test("What a peak took is given back, though something else is still at work")
  func aPeakIsGivenBack() {
    let (memory, period) = (CountedMemory(), 1000)
    let pool = MemoryPool(memory.system(), period: period)
    let peak = (0..<64).map { Block(($0 + 1) << 18, of: pool) }
    let most = pool.bytes.used
    for block in peak { block.release(to: pool) }
    #expect(memory.bytes == most && pool.bytes.unused == most)
    for _ in 0..<2 * period + 64 << 4 { Block(1000, of: pool).release(to: pool) }
    #expect(memory.bytes == BlockSize(for: 1000).bytes)
    #expect(pool.bytes.mostUsed == most)
    pool.forgetMostUsed()
    #expect(pool.bytes.mostUsed == 0)
  }

  @Test("Blocks leave a quarter of the memory to others, unless they are in use")
  func blocksStayBelowTheCeiling() {
    let memory = CountedMemory()
    let pool = MemoryPool(memory.system(physical: 100 << 20))
    for size in [40, 20, 28, 48, 56] { Block(size << 20, of: pool).release(to: pool) }
    #expect(memory.bytes <= 75 << 20)
    let blocks = (0..<2).map { _ in Block(48 << 20, of: pool) }
    #expect(memory.bytes == 96 << 20)
    for block in blocks { block.release(to: pool) }
    Block(1 << 20, of: pool).release(to: pool)
    #expect(memory.bytes <= 75 << 20)
  }

  @Test("If the system refuses, unused blocks are given back first")
  func unusedBlocksGoFirst() {
    let memory = CountedMemory(limit: 100 << 20)
    let pool = MemoryPool(memory.system())
    let kept = Block(20 << 20, of: pool)
    for size in [40, 32] { Block(size << 20, of: pool).release(to: pool) }
    let block = Block(80 << 20, of: pool)
    #expect(memory.bytes == 100 << 20 && memory.refusals == 2)
    for block in [kept, block] { block.release(to: pool) }
  }

  @Test("Only when all is in use the program stops, and says what to do")
  func refusal() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let pool = MemoryPool(CountedMemory(limit: 10 << 20).system())
      _ = pool.allocate(byteCount: 8 << 20)
      Block(1 << 20, of: pool).release(to: pool)
      _ = pool.allocate(byteCount: 3 << 20)
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      output.contains(
        "memory: the system refuses 3145728 bytes while 8388608 are in use and none are kept unused; "
          + "compute less at once, as with smaller batches, or raise the limit"), "\(output)")
  }

  #if os(Linux)
    @Test("Under a limit a program goes on that needs no more")
    func limitOfAddresses() async {
      await #expect(processExitsWith: .success) {
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
          .split(separator: " ")[0]
        let limit = rlim_t(pages)! * rlim_t(sysconf(Int32(_SC_PAGESIZE))) + 640 << 20
        var limits = rlimit(rlim_cur: limit, rlim_max: limit)
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limits)
        // Twice the largest would be more than there is.
        for size in [160, 192, 224, 256, 320, 384, 448, 320, 448] {
          Block(size << 20, of: .shared).release(to: .shared)
        }
      }
    }
  #endif

  @Test("The figures of memory say what tensors take")
  func figures() {
    let tensor = Tensor.ones([1 << 20]) * 2
    let bytes = tensor.withSpan(of: Float.self) { $0.count * 4 }
    #expect(Memory.bytesInUse >= bytes && Memory.mostBytesInUse >= bytes)
    Memory.trim()
    #expect(Memory.bytesInUse >= bytes && [Float](tensor).allSatisfy { $0 == 2 })
  }
}
