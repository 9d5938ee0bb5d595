internal import AdjointKernels
import Dispatch
import Synchronization

/// Threads that help with a kernel's work.
///
/// Work comes in pieces, which the caller and the helpers take one by one. A helper that has
/// nothing to do waits for some microseconds, as the next kernel often follows at once, and then
/// sleeps: to wake a sleeping thread takes some fifty. The caller does not wait for helpers to wake
/// up, only for pieces that one has begun. Where several tasks compute at once, one of them has the
/// helpers, and the others work alone.
///
/// Who waits spins only shortly and then yields its processor, which another thread may need to get
/// on with what is waited for.
final class ThreadPool: Sendable {
  static let shared = ThreadPool()

  /// For how many nanoseconds a thread spins before it yields.
  private static let spin: UInt64 = 20_000
  /// For how many nanoseconds a thread waits before it sleeps: longer than what lies between two
  /// kernels of a step.
  private static let patience: UInt64 = 200_000

  private let processors = Int(adjointProcessorCount())
  private let requestedShares: Atomic<Int>
  private let helperCount = Atomic(0)
  private let isBusy = Atomic(false)
  private let ticket = Atomic(Ticket.none.bits)
  private let finished = Atomic(0)
  private let sleeping = Atomic(0)
  private let wake = DispatchSemaphore(value: 0)
  private let isCallerAsleep = Atomic(false)
  private let done = DispatchSemaphore(value: 0)
  /// The work of the job and the number of its pieces. Set while no piece can be taken, and read by who
  /// has taken one.
  nonisolated(unsafe) private var job: (work: (Int) -> Void, count: Int)?
  /// What the fastest piece of the job took, in nanoseconds.
  private let fastest = Atomic(0)
  /// For who has set `isBusy`.
  nonisolated(unsafe) private var trial = HelperTrial()

  private init() {
    requestedShares = Atomic(
      min(ThreadPool.count(asked: environment("ADJOINT_THREADS")) ?? processors, processors))
  }

  /// How many threads an environment asks for; nil if it does not.
  static func count(asked wish: String?) -> Int? {
    guard let wish, !wish.isEmpty else { return nil }
    // More digits than an Int has are more threads than there are processors.
    let isNumber = wish.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let count = Int(wish) ?? (isNumber ? .max : 0)
    require(count >= 1, "ADJOINT_THREADS: \(wish) is no number of threads; give 1 or more")
    return count
  }

  /// For how many threads work is cut.
  var shares: Int { requestedShares.load(ordering: .relaxed) }

  /// How many threads are at work, the caller's included.
  var width: Int { min(shares, processors) }

  func setShares(_ shares: Int) { requestedShares.store(shares, ordering: .relaxed) }

  /// Calls `work` once for each piece from 0 to below `count`, in any order, on several threads.
  func run(_ count: Int, _ work: (Int) -> Void) {
    let helpers = min(count, width) - 1
    guard helpers > 0, count <= Ticket.mostPieces, let begin = claimHelpers() else {
      for piece in 0..<count { work(piece) }
      return
    }
    startHelpers(helpers)
    let wanted = unsafe trial.way(at: begin) == .helped ? helpers : 0
    withoutActuallyEscaping(work) { work in share(count, wanted, since: begin, work) }
    isBusy.store(false, ordering: .releasing)
  }

  /// Claims the helpers and returns the time, unless another task has them, or they are not worth it.
  private func claimHelpers() -> UInt64? {
    guard isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else { return nil }
    let time = adjointNanoseconds()
    if unsafe trial.way(at: time) != .alone { return time }
    isBusy.store(false, ordering: .releasing)
    return nil
  }

  /// Shares out pieces with helpers.
  private func share(
    _ count: Int, _ helpers: Int, since begin: UInt64, _ work: @escaping (Int) -> Void
  ) {
    unsafe job = (work, count)
    finished.store(0, ordering: .relaxed)
    fastest.store(.max, ordering: .relaxed)
    let next = Ticket(ticket.load(ordering: .relaxed)).next(pieces: count, seats: helpers)
    ticket.store(next.bits, ordering: .sequentiallyConsistent)
    var time = wakeSleepers(helpers) ? adjointNanoseconds() : begin
    while takePiece(of: next.job, since: &time) != nil {}
    waitForHelpers(count, since: &time)
    unsafe trial.enter(
      time: Int(time - begin), work: count * fastest.load(ordering: .relaxed), at: time)
    unsafe job = nil
  }

  /// Takes and does a piece of a job, if there is one left; of any job that has a seat, if none is given.
  /// - Parameter time: when it begins; and then, when it ended.
  private func takePiece(of job: UInt64?, since time: inout UInt64) -> UInt64? {
    var seen = Ticket(ticket.load(ordering: .acquiring))
    while true {
      guard let taken = job == nil ? seen.joined : seen.job == job ? seen.taken : nil else {
        return nil
      }
      let (exchanged, original) = ticket.weakCompareExchange(
        expected: seen.bits, desired: taken.bits, ordering: .acquiringAndReleasing)
      if exchanged {
        let count = perform(taken.pieces)
        let end = adjointNanoseconds()
        fastest.min(Int(end - time), ordering: .relaxed)
        time = end
        finish(count)
        return taken.job
      }
      seen = Ticket(original)
    }
  }

  /// Does a piece, and returns how many the job has. Not inlined, so that the reference to the job is gone
  /// before the piece counts as finished.
  @inline(never)
  private func perform(_ piece: Int) -> Int {
    guard let job = unsafe job else { return 0 }
    job.work(piece)
    return job.count
  }

  /// Counts a piece as finished, and wakes the caller with the last one.
  private func finish(_ count: Int) {
    let newValue = finished.add(1, ordering: .sequentiallyConsistent).newValue
    if newValue == count, isCallerAsleep.exchange(false, ordering: .sequentiallyConsistent) {
      done.signal()
    }
  }

  /// Waits until all pieces are finished.
  /// - Parameter time: when it begins; and then, when they were.
  private func waitForHelpers(_ count: Int, since time: inout UInt64) {
    let begin = time
    while finished.load(ordering: .acquiring) < count {
      if time - begin < ThreadPool.patience {
        pause(for: time - begin)
      } else {
        sleepUntilFinished(count)
      }
      time = adjointNanoseconds()
    }
  }

  /// Sleeps until the last piece is finished, or a helper was late to see that an earlier one was.
  private func sleepUntilFinished(_ count: Int) {
    isCallerAsleep.store(true, ordering: .sequentiallyConsistent)
    // Who has taken the mark back has sent a signal, or is about to.
    let isFinished = finished.load(ordering: .sequentiallyConsistent) == count
    if isFinished, isCallerAsleep.exchange(false, ordering: .sequentiallyConsistent) { return }
    done.wait()
  }

  /// Lets some time pass for a thread that has waited for so long.
  private func pause(for waited: UInt64) {
    if waited > ThreadPool.spin { adjointYield() }
    for _ in 0..<16 { adjointPause() }
  }

  private func startHelpers(_ wanted: Int) {
    while helperCount.load(ordering: .relaxed) < wanted {
      let number = helperCount.add(1, ordering: .relaxed).newValue
      DispatchQueue(label: "Adjoint helper \(number)", qos: .userInitiated)
        .async { self.help() }
    }
  }

  /// Wakes as many helpers as are wanted, of those that sleep, and returns whether there were any.
  private func wakeSleepers(_ wanted: Int) -> Bool {
    let count = min(sleeping.load(ordering: .sequentiallyConsistent), wanted)
    guard count > 0 else { return false }
    sleeping.subtract(count, ordering: .sequentiallyConsistent)
    for _ in 0..<count { wake.signal() }
    return true
  }

  /// What a helper does for ever.
  private func help() -> Never {
    while true {
      var lastWork = adjointNanoseconds()
      var time = lastWork
      while time - lastWork < ThreadPool.patience {
        if let job = takePiece(of: nil, since: &time) {
          while takePiece(of: job, since: &time) != nil {}
          lastWork = time
        }
        pause(for: time - lastWork)
        time = adjointNanoseconds()
      }
      sleeping.add(1, ordering: .sequentiallyConsistent)
      // Work that came in between is found here; the signal for it then ends a later sleep early.
      if Ticket(ticket.load(ordering: .sequentiallyConsistent)).joined == nil { wake.wait() }
    }
  }
}
