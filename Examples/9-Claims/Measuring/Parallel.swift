import Adjoint
import Dispatch
import Synchronization

/// Returns what `body` makes of 0 ..< count, in that order, computed on as many threads as kernels
/// use.
///
/// Each is computed by itself, so that what comes of it does not depend on the number of threads.
func inParallel<Result: Sendable>(
  _ count: Int, _ finished: @Sendable () -> Void = {}, _ body: @Sendable (Int) -> Result
) -> [Result] {
  let next = Atomic(0)
  let results = Mutex([Result?](repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
    while true {
      let place = next.add(1, ordering: .relaxed).oldValue
      guard place < count else { return }
      let result = body(place)
      results.withLock { $0[place] = result }
      finished()
    }
  }
  return results.withLock { $0.compactMap(\.self) }
}
