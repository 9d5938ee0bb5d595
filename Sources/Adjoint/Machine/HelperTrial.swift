/// Whether helpers are worth it, found by trying both.
///
/// On a machine that is busy with other work, a helper may be displaced from its processor while it has
/// a piece of a kernel, for which the caller then waits; and it displaces the caller. Each job enters how
/// long it took, and how long all of its pieces would have taken one after another, each as fast as the
/// fastest, which was probably not displaced. The ratio of their sums is 1 at best for a caller alone: as
/// long as it is less with helpers, they are worth it. Else the caller works alone for as long, and the
/// better way is settled for a while.
struct HelperTrial {
  enum Way {
    case helped, aloneOnTrial, alone
  }

  /// How many nanoseconds of jobs are judged at once: many of the slices of time in which the system
  /// shares out its processors.
  private static let window = 50_000_000
  /// For how many windows the better way is settled: what a trial of the other costs is a small share.
  private static let settlement = 16

  private var time = 0
  private var work = 0
  /// What came of the helpers, while the caller is alone on trial.
  private var helpedRatio: Double?
  private var settled = Way.helped
  private var settledUntil: UInt64 = 0

  /// How the job is to be done that begins now.
  func way(at now: UInt64) -> Way {
    if now < settledUntil { return settled }
    return helpedRatio == nil ? .helped : .aloneOnTrial
  }

  /// Enters a job that is done.
  /// - Parameters:
  ///   - time: how long it took.
  ///   - work: how long its pieces would have taken one after another.
  mutating func enter(time: Int, work: Int, at now: UInt64) {
    guard now >= settledUntil else { return }
    self.time += time
    self.work += work
    guard self.time >= HelperTrial.window else { return }
    let ratio = Double(self.time) / Double(max(1, self.work))
    (self.time, self.work) = (0, 0)
    if let helpedRatio {
      settled = helpedRatio < ratio ? .helped : .alone
      settledUntil = now + UInt64(HelperTrial.settlement * HelperTrial.window)
      self.helpedRatio = nil
    } else if ratio >= 1 {
      helpedRatio = ratio
    }
  }
}
