import Foundation
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The signal that has come, or 0: all that a handler may touch.
private let received = Atomic<Int32>(0)
/// How many are waiting for one.
private let waiting = Mutex(0)

/// Whether someone has asked the program to stop, by Ctrl-C or as a system does that shuts down: it may
/// finish its step and save first.
///
/// ```swift
/// let interrupt = Interrupt()
/// for batch in batches {
///   …
///   if interrupt.isRequested {
///     try save()
///     exit(interrupt.exitCode)      // 130 after Ctrl-C
///   }
/// }
/// ```
///
/// The second request stops the program at once. When the last value of the kind goes, signals do again what
/// they do by default.
///
/// (A source of Dispatch would do too, but not at once: until it is registered, on another thread, a signal is
/// lost on one system and ends the program on another.)
public final class Interrupt: Sendable {
  private static let signals = [SIGINT, SIGTERM]

  /// Waits for SIGINT, which Ctrl-C sends, and SIGTERM.
  public init() {
    waiting.withLock { count in
      count += 1
      guard count == 1 else { return }
      received.store(0, ordering: .sequentiallyConsistent)
      for number in Interrupt.signals {
        // Only what a handler may do: no memory, no locks, no printing.
        signal(number) { number in
          let (isFirst, _) = received.compareExchange(
            expected: 0, desired: number, ordering: .sequentiallyConsistent)
          if !isFirst { _exit(128 + number) }
        }
      }
    }
  }

  deinit {
    waiting.withLock { count in
      count -= 1
      guard count == 0 else { return }
      for number in Interrupt.signals { signal(number, SIG_DFL) }
    }
  }

  /// Whether the program has been asked to stop.
  public var isRequested: Bool { received.load(ordering: .sequentiallyConsistent) != 0 }

  /// What a program exits with that was asked to stop: 128 and the number of the signal, 130 for
  /// Ctrl-C.
  public var exitCode: Int32 {
    let number = received.load(ordering: .sequentiallyConsistent)
    return 128 + (number == 0 ? SIGINT : number)
  }
}
