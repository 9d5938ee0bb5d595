internal import AdjointKernels
import Synchronization

/// Memory that a compiled kernel works in: how many bytes for all threads, and how many for each.
public struct Scratch: Sendable, Hashable {
  /// The bytes that all threads share.
  public var shared: Int
  /// The bytes that each thread has for itself, 0 too where there is nothing to compute; nil if the kernel
  /// asks for none.
  public var perThread: Int?

  /// None, unless said otherwise.
  public init(shared: Int = 0, perThread: Int? = nil) {
    self.shared = shared
    self.perThread = perThread
  }

  /// Room for elements.
  static func shared<Element>(_: Element.Type, count: Int) -> Scratch {
    Scratch(shared: max(0, count) * MemoryLayout<Element>.stride)
  }

  /// Room for elements for each thread.
  static func perThread<Element>(_: Element.Type, count: Int) -> Scratch {
    Scratch(perThread: max(0, count) * MemoryLayout<Element>.stride)
  }
}

/// The scratch of a kernel while it runs.
///
/// Its parts begin at cache lines, and have no value.
@safe
public struct Workspace: ~Copyable {
  /// What all threads share.
  public let shared: UnsafeMutableRawPointer
  private let parts: UnsafeMutableRawPointer
  /// The bytes of a part; nil if there are no parts.
  private let partSize: Int?
  /// A bit for each part that no thread works in.
  private let unused: Atomic<UInt64>

  private static func rounded(_ byteCount: Int) -> Int {
    (byteCount + BlockSize.alignment - 1) & -BlockSize.alignment
  }

  /// Calls `body` with a workspace, whose memory is taken back afterwards.
  static func with(_ scratch: Scratch, _ body: (borrowing Workspace) -> Void) {
    let partCount = min(threads, UInt64.bitWidth)
    let byteCount = rounded(scratch.shared) + partCount * rounded(scratch.perThread ?? 0)
    guard byteCount > 0 else {
      unsafe body(Workspace(nothing, scratch, partCount: partCount))
      return
    }
    let block = unsafe MemoryPool.shared.allocate(byteCount: byteCount)
    defer { unsafe MemoryPool.shared.release(block, byteCount: byteCount) }
    unsafe body(Workspace(block, scratch, partCount: partCount))
  }

  /// An address for no bytes.
  private static var nothing: UnsafeMutableRawPointer {
    unsafe UnsafeMutableRawPointer(bitPattern: BlockSize.alignment)!
  }

  private init(_ block: UnsafeMutableRawPointer, _ scratch: Scratch, partCount: Int) {
    unsafe shared = block
    unsafe parts = block + Workspace.rounded(scratch.shared)
    partSize = scratch.perThread.map(Workspace.rounded)
    unused = Atomic(partCount == 64 ? .max : 1 << UInt64(partCount) - 1)
  }

  /// What all threads share, as elements.
  public func shared<Element: BitwiseCopyable>(
    as type: Element.Type
  ) -> UnsafeMutablePointer<Element> {
    unsafe shared.assumingMemoryBound(to: type)
  }

  /// Calls `body` with memory that no other thread works in meanwhile.
  /// - Precondition: the scratch says how much each thread has, which may be nothing.
  public func withPart<Element: BitwiseCopyable>(
    as type: Element.Type, _ body: (UnsafeMutablePointer<Element>) -> Void
  ) {
    guard let partSize else {
      stop("scratch: there is no memory for each thread; say perThread")
    }
    // There are as many parts as threads, so that one is free at once, but where threads became more
    // while the kernel ran, or are more than there are bits.
    while true {
      let free = unused.load(ordering: .relaxed)
      let bit = free & (0 &- free)
      guard bit != 0 else {
        adjointYield()
        continue
      }
      guard
        unused.weakCompareExchange(
          expected: free, desired: free ^ bit, ordering: .acquiring
        ).exchanged
      else { continue }
      unsafe body(
        (parts + bit.trailingZeroBitCount * partSize).assumingMemoryBound(to: type))
      unused.bitwiseOr(bit, ordering: .releasing)
      return
    }
  }
}
