import Adjoint
import Dispatch

/// The batches of an epoch, one after another, each once: an object, as there is one place that they have come to.
///
/// A sequence where fetching cannot fail. What a source throws, `next()` throws, and the epoch ends.
public final class Epoch<Source: SampleSource> {
  /// The number of the batch that comes next.
  public private(set) var position: Int
  private let make: @Sendable (Int) throws(Source.Failure) -> LabeledData
  private var end: Int
  private var ahead: Ahead?
  /// The number of the first batch that has not been ordered.
  private var ordered: Int

  init(
    from start: Int, to end: Int, ahead count: Int,
    _ make: @escaping @Sendable (Int) throws(Source.Failure) -> LabeledData
  ) {
    self.make = make
    self.end = end
    position = start
    ordered = start + Swift.min(count, Swift.max(end - start, 0))
    guard start < ordered else { return }
    let ahead = Ahead(make)
    for number in start..<ordered { ahead.order(number) }
    self.ahead = ahead
  }

  /// The next batch; nil at the end.
  public func next() throws(Source.Failure) -> LabeledData? {
    guard position < end else { return nil }
    let number = position
    position += 1
    do throws(Source.Failure) {
      guard let ahead else { return try make(number) }
      let batch = ahead.take()
      if ordered < end {
        ahead.order(ordered)
        ordered += 1
      }
      return try batch.get()
    } catch {
      end = position
      throw error
    }
  }

  /// Batches that are made on a thread of their own, in the order in which they are asked for.
  private final class Ahead: Sendable {
    private let make: @Sendable (Int) throws(Source.Failure) -> LabeledData
    private let queue = DispatchQueue(label: "adjoint.loader", qos: .userInitiated)
    private let ready = DispatchSemaphore(value: 0)
    private let batches = Guarded<[Result<LabeledData, Source.Failure>]>([])

    init(_ make: @escaping @Sendable (Int) throws(Source.Failure) -> LabeledData) {
      self.make = make
    }

    /// Has a batch made.
    func order(_ number: Int) {
      queue.async { [self] in
        let batch = Result { () throws(Source.Failure) in try make(number) }
        batches.withLock { $0.append(batch) }
        ready.signal()
      }
    }

    /// The first batch that has not been taken, once it is made.
    func take() -> Result<LabeledData, Source.Failure> {
      ready.wait()
      return batches.withLock { $0.removeFirst() }
    }
  }
}

extension Epoch: Sequence where Source.Failure == Never {
  /// The batches from the next one on. (Not an iterator itself: the compiler, 6.3, crashes on a `next()` that throws
  /// `Never` by way of `Source`.)
  public func makeIterator() -> AnyIterator<LabeledData> {
    AnyIterator { self.next() }
  }
}
