internal import AdjointKernels
import Synchronization

/// Something under way on a tape that must not read a value of it: a walk, which calls pullbacks, or an
/// evaluation, which runs kernels.
///
/// A pullback may record, not look: a gradient depends on what was computed from what, and not on the
/// numbers. A kernel has its values in its frame. Both are synchronous: the thread tells who asks.
struct Activity: ~Copyable, Sendable {
  /// The thread that walks or evaluates; 0 if none does. Of several, the last one to begin.
  private let thread = Atomic<UInt>(0)
  private let isWalk = Atomic(false)
  /// The number of the first output of the entry whose rule or kernel runs.
  private let number = Atomic(-1)

  private var isMine: Bool { thread.load(ordering: .relaxed) == UInt(adjointThread()) }

  /// The number of the first output of the entry whose rule or kernel this thread runs.
  var current: Int? { isMine ? number.load(ordering: .relaxed) : nil }

  /// Whether this thread runs a pullback of the tape.
  var isPullback: Bool { isMine && isWalk.load(ordering: .relaxed) }

  /// Calls `body`, in which rules or kernels of the tape run.
  func run<Result>(asWalk: Bool, _ body: () throws -> Result) rethrows -> Result {
    let outer = (
      thread: isMine ? thread.load(ordering: .relaxed) : 0, isWalk: isWalk.load(ordering: .relaxed),
      number: number.load(ordering: .relaxed)
    )
    thread.store(UInt(adjointThread()), ordering: .relaxed)
    isWalk.store(asWalk, ordering: .relaxed)
    defer {
      if isMine {
        isWalk.store(outer.isWalk, ordering: .relaxed)
        number.store(outer.number, ordering: .relaxed)
        thread.store(outer.thread, ordering: .relaxed)
      }
    }
    return try body()
  }

  /// Says that the rule or the kernel of the entry with such outputs comes next.
  @inline(__always)
  func begin(_ outputs: Range<Int>) { number.store(outputs.lowerBound, ordering: .relaxed) }

  /// Stops the program if a rule or a kernel of a tape asks for a value of it.
  func requireNone(on tape: Tape) {
    guard isMine else { return }
    let number = number.load(ordering: .relaxed)
    let entry = tape.graph.entries.first { $0.outputs.lowerBound == number }
    let name = entry?.operation.name ?? "tape"
    require(
      !isWalk.load(ordering: .relaxed),
      "\(name): the pullback reads a value; a pullback may record, not look: write it in tensor "
        + "operations, such as select(where:otherwise:)")
    stop(
      "\(name): the kernel reads a tensor on the tape that is being evaluated; "
        + "make it an input of the operation")
  }
}
