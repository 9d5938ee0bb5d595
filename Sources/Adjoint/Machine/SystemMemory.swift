internal import AdjointKernels

/// Where a pool takes its blocks from: the system, or in tests what counts them and can refuse.
@safe
struct SystemMemory: Sendable {
  /// Memory of a number of bytes; nil if the system refuses.
  let take: @Sendable (Int) -> UnsafeMutableRawPointer?
  /// Takes back what was taken, of the same number of bytes.
  let giveBack: @Sendable (UnsafeMutableRawPointer, Int) -> Void
  /// Gives back what the C library keeps of it.
  let giveBackFreed: @Sendable () -> Void
  /// How many bytes the process may have.
  let limit: Int

  /// Blocks from 1 MiB are mapped, so that the system has them back at once: the C library would keep
  /// them, and map fewer and fewer of them as they come and go. Smaller ones are the C library's.
  static let shared = unsafe SystemMemory(
    take: { unsafe adjointTakeMemory($0) },
    giveBack: { unsafe adjointGiveBackMemory($0, $1) },
    giveBackFreed: adjointGiveBackFreedMemory,
    limit: Int(clamping: adjointMemoryLimit()))
}
