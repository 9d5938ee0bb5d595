internal import AdjointKernels
import Dispatch

/// A file whose bytes can lie in memory without being copied, and stay what they are.
///
/// Memory that is mapped to a file changes with it, and is gone where the file is cut short. So it is mapped
/// only under a *lease*: Linux has everyone wait who opens the file to write, or cuts it, until the lease is
/// given up, and that is done once all that is mapped has been copied. Who puts another file in its place, as by
/// renaming, does not wait.
///
/// The lease is looked after some times a second, rather than by a signal: those are the program's own.
/// Source: the manual of Linux, fcntl(2), "Leases".
package final class LeasedFile: Sendable {
  private let lease: CInt
  /// What messages call the file.
  private let name: String
  private let state = Guarded(State())
  /// Any thread may cancel it.
  nonisolated(unsafe) private let clock: any DispatchSourceTimer

  private struct State {
    var isLeased = true
    /// What is mapped, by its address.
    var parts: [UInt: Range<Int>] = [:]
  }

  /// How often the lease is looked after: others may have to wait for so long, and half of it more.
  private static let interval = DispatchTimeInterval.milliseconds(200)
  private static let leeway = DispatchTimeInterval.milliseconds(100)
  /// Of its own, so that it runs when all other threads are busy.
  private static let queue = DispatchQueue(label: "Adjoint.LeasedFile", qos: .userInitiated)

  /// Takes a lease on an open file; nil if there is none to be had.
  package init?(_ descriptor: CInt, name: String) {
    lease = adjointTakeLease(descriptor)
    guard lease >= 0 else { return nil }
    self.name = name
    let clock = DispatchSource.makeTimerSource(queue: LeasedFile.queue)
    unsafe self.clock = clock
    clock.setEventHandler { [weak self] in self?.lookAfterLease() }
    clock.schedule(
      deadline: .now() + LeasedFile.interval, repeating: LeasedFile.interval,
      leeway: LeasedFile.leeway)
    clock.activate()
  }

  deinit {
    unsafe clock.cancel()
    adjointCloseLease(lease)
  }

  /// The address of a part of the file in memory; nil if it cannot be there.
  fileprivate func map(_ part: Range<Int>) -> UInt? {
    state.withLock { state in
      guard state.isLeased, adjointHasLease(lease) != 0 else { return nil }
      let address = unsafe UInt(
        bitPattern: adjointMapFile(lease, part.lowerBound, part.count))
      guard address != 0 else { return nil }
      state.parts[address] = part
      return address
    }
  }

  fileprivate func unmap(_ address: UInt) {
    state.withLock { state in
      guard let part = state.parts.removeValue(forKey: address) else { return }
      unsafe adjointUnmapFile(UnsafeMutableRawPointer(bitPattern: address), part.count)
    }
  }

  /// If someone waits for the file, copies what is mapped and gives up the lease.
  private func lookAfterLease() {
    state.withLock { state in
      guard state.isLeased, adjointHasLease(lease) == 0 else { return }
      state.isLeased = false
      let areCopied = state.parts.allSatisfy { address, part in
        let memory = unsafe UnsafeMutableRawPointer(bitPattern: address)
        return unsafe adjointDetachFromFile(memory, lease, part.lowerBound, part.count) != 0
      }
      // Has no one been let in before?
      let isInTime = adjointGiveUpLease(lease) != 0
      require(
        state.parts.isEmpty || areCopied && isInTime,
        "memory: someone changes the file \(name) while tensors lie in it, and "
          + (isInTime
            ? "there is no memory for a copy of them; leave more"
            : "this process was halted for too long to copy them; keep it running")
          + ", or have a new file written and renamed in place of the old one")
    }
  }
}

/// A part of a file in memory.
final class FileRegion: Sendable {
  private let file: LeasedFile
  /// Where the first byte is.
  let address: UInt

  /// What costs less to map than to copy, in bytes.
  static let least = 1 << 20

  /// Has a part of a file in memory for as long as this lives; nil if it cannot be there.
  init?(_ file: LeasedFile, at start: Int, byteCount: Int) {
    guard let address = file.map(start..<(start + byteCount)) else { return nil }
    self.file = file
    self.address = address
  }

  deinit { file.unmap(address) }
}
