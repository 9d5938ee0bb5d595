import Adjoint
import Synchronization

/// What an operation with a hidden state keeps from call to call.
final class CaseMemory: Sendable {
  private let count = Mutex(0)
  private let tensors = Mutex<[String: Tensor]>([:])

  /// The number of this call, from 1 on.
  func next() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }

  /// What was kept under a name.
  subscript(name: String) -> Tensor? {
    get { tensors.withLock { $0[name] } }
    set { tensors.withLock { $0[name] = newValue } }
  }

  /// What was kept under a name first; this tensor, from now on, if nothing was.
  func first(_ name: String, _ tensor: Tensor) -> Tensor {
    tensors.withLock { tensors in
      let first = tensors[name] ?? tensor
      tensors[name] = first
      return first
    }
  }
}
