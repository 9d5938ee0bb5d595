import Synchronization

/// Something under way on a tape that must not read a value of it: a walk, which calls pullbacks, or an
/// evaluation, which runs kernels.
///
/// A pullback may record, not look: a gradient depends on what was computed from what, and not on the
/// numbers. A kernel has its values in its frame.
final class Activity: Sendable {
  enum Role: Sendable { case pullback, kernel }

  private let tape: Tape
  private let role: Role
  private let entries: [Graph.Entry]
  /// The number of the first output of the entry whose rule or kernel runs.
  private let number = Atomic(-1)

  @TaskLocal private static var current: Activity?

  private init(_ role: Role, on tape: Tape, _ entries: [Graph.Entry]) {
    self.role = role
    self.tape = tape
    self.entries = entries
  }

  /// Whether a pullback runs on this thread.
  static var isPullback: Bool { current?.role == .pullback }

  /// Calls `body`, in which rules or kernels of the given entries of a tape run.
  static func run<Result>(
    _ role: Role, on tape: Tape, _ entries: [Graph.Entry], _ body: (Activity) throws -> Result
  ) rethrows -> Result {
    let activity = Activity(role, on: tape, entries)
    return try $current.withValue(activity) { try body(activity) }
  }

  /// Says which entry's rule or kernel comes next.
  @inline(__always)
  func begin(_ entry: Graph.Entry) {
    number.store(entry.outputs.lowerBound, ordering: .relaxed)
  }

  /// Stops the program if a rule or a kernel asks for a value of the tape that it works for.
  static func requireNone(on tape: Tape) {
    guard let activity = current, activity.tape === tape else { return }
    let number = activity.number.load(ordering: .relaxed)
    let name = activity.entries.first { $0.outputs.lowerBound == number }?.operation.name ?? "tape"
    switch activity.role {
    case .pullback:
      stop(
        "\(name): the pullback reads a value; a pullback may record, not look: write it in tensor "
          + "operations, such as select(where:otherwise:)")
    case .kernel:
      stop(
        "\(name): the kernel reads a tensor on the tape that is being evaluated; "
          + "make it an input of the operation")
    }
  }
}
