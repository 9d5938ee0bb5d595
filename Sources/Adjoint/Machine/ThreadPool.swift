internal import AdjointKernels
import Dispatch
import Synchronization

/// The number of threads that kernels use, the caller's included.
///
/// As many as the processors that the program may run on, unless the environment variable
/// `ADJOINT_THREADS` says otherwise. Results are the same for any number, bit for bit.
public var threads: Int { ThreadPool.shared.width }

/// Calls `body`, during which kernels use another number of threads: for tests and benchmarks.
///
/// It holds for the whole process, and not only for what `body` calls.
package func withThreads<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
  require(count >= 1, "withThreads: \(count) threads compute nothing; give 1 or more")
  let before = threads
  ThreadPool.shared.setWidth(count)
  defer { ThreadPool.shared.setWidth(before) }
  return try body()
}

/// Threads that help with a kernel's work.
///
/// Work comes in pieces, which the caller and the helpers take one by one. A helper that has
/// nothing to do spins for some microseconds, as the next kernel often follows at once, and then
/// sleeps: to wake a sleeping thread takes some fifty. The caller does not wait for helpers to wake
/// up, only for pieces that one has begun. Where several tasks compute at once, one of them has the
/// helpers, and the others work alone.
final class ThreadPool: Sendable {
  static let shared = ThreadPool()

  /// For how many nanoseconds a helper looks for work before it sleeps: longer than what lies between
  /// two kernels of a step.
  private static let patience: UInt64 = 200_000

  private let requestedWidth: Atomic<Int>
  private let helperCount = Atomic(0)
  private let isBusy = Atomic(false)
  /// The number of the job, and below it in 16 bits how many of its pieces no one has taken.
  private let pieces = Atomic<UInt64>(0)
  private let finished = Atomic(0)
  private let sleeping = Atomic(0)
  private let wake = DispatchSemaphore(value: 0)
  /// The work of the job. Set while no piece can be taken, and read by who has taken one.
  nonisolated(unsafe) private var job: ((Int) -> Void)?

  private init() {
    let wish = environment("ADJOINT_THREADS")
    let count = wish.map { Int($0) ?? 0 } ?? Int(adjointProcessorCount())
    require(
      count >= 1, "ADJOINT_THREADS: \(wish ?? "") is no number of threads; give 1 or more")
    requestedWidth = Atomic(count)
  }

  var width: Int { requestedWidth.load(ordering: .relaxed) }

  func setWidth(_ width: Int) { requestedWidth.store(width, ordering: .relaxed) }

  /// Calls `work` once for each piece from 0 to below `count`, in any order, on several threads.
  func run(_ count: Int, _ work: (Int) -> Void) {
    guard count > 1, width > 1, count < 1 << 16,
      isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else {
      for piece in 0..<count { work(piece) }
      return
    }
    startHelpers(min(count, width) - 1)
    withoutActuallyEscaping(work) { work in
      unsafe job = work
      finished.store(0, ordering: .relaxed)
      let next = (pieces.load(ordering: .relaxed) >> 16 + 1) << 16 | UInt64(count)
      pieces.store(next, ordering: .sequentiallyConsistent)
      let sleepers = sleeping.exchange(0, ordering: .sequentiallyConsistent)
      for _ in 0..<sleepers { wake.signal() }
      while takePiece() {}
      while finished.load(ordering: .acquiring) < count { adjointPause() }
      unsafe job = nil
    }
    isBusy.store(false, ordering: .releasing)
  }

  /// Takes and does a piece of the job, if there is one left.
  private func takePiece() -> Bool {
    var seen = pieces.load(ordering: .acquiring)
    while seen & 0xffff > 0 {
      let (exchanged, original) = pieces.weakCompareExchange(
        expected: seen, desired: seen - 1, ordering: .acquiringAndReleasing)
      if exchanged {
        perform(Int(seen & 0xffff) - 1)
        finished.add(1, ordering: .releasing)
        return true
      }
      seen = original
    }
    return false
  }

  /// Not inlined, so that the reference to the job is gone before the piece counts as finished.
  @inline(never)
  private func perform(_ piece: Int) { unsafe job?(piece) }

  private func startHelpers(_ wanted: Int) {
    while helperCount.load(ordering: .relaxed) < wanted {
      let number = helperCount.add(1, ordering: .relaxed).newValue
      DispatchQueue(label: "Adjoint helper \(number)", qos: .userInitiated)
        .async { self.help() }
    }
  }

  /// What a helper does for ever.
  private func help() -> Never {
    while true {
      var lastWork = DispatchTime.now().uptimeNanoseconds
      while DispatchTime.now().uptimeNanoseconds - lastWork < ThreadPool.patience {
        for _ in 0..<64 {
          if takePiece() { lastWork = DispatchTime.now().uptimeNanoseconds }
          adjointPause()
        }
      }
      sleeping.add(1, ordering: .sequentiallyConsistent)
      // Work that came in between is found here; the signal for it then ends a later sleep early.
      if pieces.load(ordering: .sequentiallyConsistent) & 0xffff == 0 { wake.wait() }
    }
  }
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
  let (units, width) = ((count + unit - 1) / unit, threads)
  let parts = min(units, (count + grain - 1) / grain, width * pieces)
  guard parts > 1, width > 1 else {
    if count > 0 { body(0..<count) }
    return
  }
  ThreadPool.shared.run(parts) { part in
    body(units * part / parts * unit..<min(units * (part + 1) / parts * unit, count))
  }
}
