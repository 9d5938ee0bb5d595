/// The memory of tensors: how much there is, and how to give back what is not in use.
///
/// Elements lie in blocks, which are kept for the next tensors of their size when a tensor ends: a
/// training loop takes nothing from the system after its first steps. All blocks together take at most
/// twice what was in use at once lately, or 16 MiB more, and at most three quarters of the memory of the
/// machine or of the container, unless more is in use. What a loop no longer needs goes by itself, after
/// one to two million blocks handed out (a large one counts once for each MiB of it); a program that
/// rests keeps what it has, and may ``trim()``. If the system refuses memory, unused blocks are given
/// back first, and only then the program stops. Large tensors of files may lie in their file, and are not
/// counted then.
public enum Memory {
  /// The bytes in blocks that are in use, by tensors or by kernels that run.
  ///
  /// A block is at most a quarter larger than its elements, and at least 64 bytes.
  public static var bytesInUse: Int { MemoryPool.shared.bytes.used }

  /// The bytes in blocks that are kept for later use.
  public static var bytesUnused: Int { MemoryPool.shared.bytes.unused }

  /// The most bytes that were in use at once, since the start or ``resetMostBytesInUse()``.
  public static var mostBytesInUse: Int { MemoryPool.shared.bytes.mostUsed }

  /// Has ``mostBytesInUse`` begin again with what is in use now: before what is to be measured.
  public static func resetMostBytesInUse() { MemoryPool.shared.forgetMostUsed() }

  /// Gives all blocks back to the system that are not in use.
  ///
  /// For a program that rests, or leaves the memory to others: tensors keep theirs, and those that are
  /// made later cost more at first.
  public static func trim() { MemoryPool.shared.trim() }
}
