@testable import Adjoint

/// A number that counts up, from any task.
final class Counter: Sendable, Hashable {
  private let value = Guarded(0)
  var count: Int { value.withLock { $0 } }
  static func == (left: Counter, right: Counter) -> Bool { left === right }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
  func increment() { value.withLock { $0 += 1 } }
}
