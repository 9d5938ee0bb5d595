@testable import Adjoint

/// What a pool takes from a system that counts it, and refuses what goes beyond a limit.
final class CountedMemory: Sendable {
  private let state = Guarded((bytes: 0, takes: 0, refusals: 0))
  let limit: Int

  init(limit: Int = .max) { self.limit = limit }

  /// The bytes that are taken and not given back.
  var bytes: Int { state.withLock { $0.bytes } }
  /// How often something was taken.
  var takes: Int { state.withLock { $0.takes } }
  var refusals: Int { state.withLock { $0.refusals } }

  /// - Parameter physical: what it says that the process may have.
  func system(physical: Int = .max) -> SystemMemory {
    SystemMemory(
      take: { byteCount in
        let isTaken = self.state.withLock { state in
          guard state.bytes + byteCount <= self.limit else {
            state.refusals += 1
            return false
          }
          state.bytes += byteCount
          state.takes += 1
          return true
        }
        return isTaken ? .allocate(byteCount: byteCount, alignment: 64) : nil
      },
      giveBack: { block, byteCount in
        self.state.withLock { $0.bytes -= byteCount }
        block.deallocate()
      },
      giveBackFreed: {}, limit: physical)
  }
}
