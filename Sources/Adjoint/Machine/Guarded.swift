import Synchronization

/// A value that one thread at a time may use: wherever several threads do.
///
/// A mutex of the standard library. That is not built for the thread sanitizer, which would take what
/// one thread leaves to the next for a race; so each says that it comes after the other once more, by
/// an atomic variable, which costs nothing on processors that keep the order of writes.
package struct Guarded<Value: ~Copyable>: ~Copyable, Sendable {
  private let mutex: Mutex<Value>
  private let order = Atomic(0)

  package init(_ value: consuming sending Value) { mutex = Mutex(value) }

  /// Calls `body` with the value, which no one else sees or changes meanwhile.
  package func withLock<Result>(_ body: (inout sending Value) -> sending Result) -> sending Result {
    mutex.withLock { value in
      _ = order.load(ordering: .acquiring)
      defer { order.store(0, ordering: .releasing) }
      return body(&value)
    }
  }
}

extension Guarded where Value: Sendable {
  /// The value, unless someone uses it now: for a program that stops, on a thread that may be the one.
  var valueIfAvailable: Value? { mutex.withLockIfAvailable { $0 } }
}
