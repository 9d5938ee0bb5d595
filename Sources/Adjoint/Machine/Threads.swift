/// The number of threads that kernels use, the caller's included.
///
/// As many as the processors that the program may run on, unless the environment variable
/// `ADJOINT_THREADS` asks for fewer; more are never used, as they would only wait for each other.
/// Results are the same for any number, bit for bit. Where other programs keep the processors busy,
/// kernels leave helpers out for as long as these cost more time than they save.
public var threads: Int { ThreadPool.shared.width }

/// Calls `body`, during which kernels cut their work for another number of threads: for tests and
/// benchmarks.
///
/// No more of them run than there are processors. It holds for the whole process, and not only for what
/// `body` calls.
package func withThreads<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
  require(count >= 1, "withThreads: \(count) threads compute nothing; give 1 or more")
  let before = ThreadPool.shared.shares
  ThreadPool.shared.setShares(count)
  defer { ThreadPool.shared.setShares(before) }
  return try body()
}

/// Calls `body` with ranges that make up `0 ..< count`, on several threads.
///
/// Nothing that is computed may depend on how the ranges are cut.
///
/// - Parameters:
///   - grain: the least that is worth a thread.
///   - unit: ranges begin at multiples of it.
///   - pieces: how many ranges each thread gets at most, so that one that is held up leaves its own to
///     others.
func inParallel(
  _ count: Int, grain: Int, unit: Int = 1, pieces: Int = 4, _ body: (Range<Int>) -> Void
) {
  let (units, shares) = ((count + unit - 1) / unit, ThreadPool.shared.shares)
  let parts = min(units, (count + grain - 1) / grain, shares * pieces)
  guard parts > 1, shares > 1 else {
    if count > 0 { body(0..<count) }
    return
  }
  ThreadPool.shared.run(parts) { part in
    body(units * part / parts * unit..<min(units * (part + 1) / parts * unit, count))
  }
}
