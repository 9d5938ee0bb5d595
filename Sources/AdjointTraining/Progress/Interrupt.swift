@preconcurrency import Dispatch
import Foundation
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

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
/// The second request stops the program at once. When the value goes, signals do again what they did by
/// default.
public final class Interrupt: Sendable {
  private let received = Mutex<Int32?>(nil)
  private let sources: [any DispatchSourceSignal]
  private let signals: [Int32]

  /// Waits for SIGINT, which Ctrl-C sends, and SIGTERM.
  ///
  /// - Parameter onRequest: called at the first request, on another thread: to say that the step is being
  ///   finished.
  public init(onRequest: @escaping @Sendable () -> Void = {}) {
    signals = [SIGINT, SIGTERM]
    let queue = DispatchQueue(label: "adjoint.interrupt")
    sources = signals.map { number in
      // A source is told of a signal only if the process does not end by it.
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: queue)
    }
    for (number, source) in zip(signals, sources) {
      source.setEventHandler { [weak self] in self?.receive(number, onRequest) }
      source.activate()
    }
  }

  deinit {
    for source in sources { source.cancel() }
    for number in signals { signal(number, SIG_DFL) }
  }

  private func receive(_ number: Int32, _ onRequest: () -> Void) {
    let isFirst = received.withLock { first in
      defer { first = first ?? number }
      return first == nil
    }
    guard isFirst else { _exit(128 + number) }
    onRequest()
  }

  /// Whether the program has been asked to stop.
  public var isRequested: Bool { received.withLock { $0 != nil } }

  /// What a program exits with that was asked to stop: 128 and the number of the signal, 130 for
  /// Ctrl-C.
  public var exitCode: Int32 { 128 + (received.withLock { $0 } ?? SIGINT) }
}
