import Adjoint

/// Makes the batches of each epoch, ahead of who takes them.
///
/// ```swift
/// let loader = Loader(data, batchSize: 64, transforms: [.flipped(), .cropped(padding: 4)], seed: 1)
/// for epoch in 0..<10 {
///   for batch in loader.epoch(epoch) { … }
/// }
/// ```
///
/// Which samples a batch has, and what its transforms do to them, follows from the seed, the number of the epoch
/// and that of the batch alone: prefetched or not, on any number of threads, and also when an epoch is begun in
/// its middle, as after a checkpoint. From a source that can fail, take batches with `next()`.
public struct Loader<Source: SampleSource>: Sendable {
  /// Where samples come from.
  public let source: Source
  /// How many samples a batch has.
  public let batchSize: Int
  /// Whether each epoch has an order of its own, or all that of the source.
  public let isShuffled: Bool
  /// Whether a last batch is left out that would be shorter.
  public let dropsLast: Bool
  /// What is done to each batch, in order.
  public let transforms: [Transform]
  /// What the random numbers follow from.
  public let seed: UInt64
  /// How many batches are made ahead on a thread of their own; 0 makes each when it is asked for.
  public let prefetchedBatches: Int

  /// Makes a loader.
  ///
  /// A last batch that would be shorter is left out unless said otherwise: a batch norm cannot train on a
  /// batch of one, and short batches have noisy statistics.
  /// - Precondition: the size is positive, and there are enough samples for a batch.
  public init(
    _ source: Source, batchSize: Int, shuffled: Bool = true, droppingLast: Bool = true,
    transforms: [Transform] = [], seed: UInt64, prefetching: Int = 2
  ) {
    require(
      prefetching >= 0, "Loader: it is to prefetch \(prefetching) batches; give 0 or more")
    self.source = source
    self.batchSize = batchSize
    isShuffled = shuffled
    dropsLast = droppingLast
    self.transforms = transforms
    self.seed = seed
    prefetchedBatches = prefetching
    _ = ranges
  }

  /// The number of batches of an epoch.
  public var batchCount: Int { ranges.count }

  private var ranges: [Range<Int>] {
    Batching(count: source.count, size: batchSize, droppingLast: dropsLast).ranges
  }

  /// The batches of an epoch, from one of them on.
  /// - Precondition: neither number is negative, nor more than 2³² − 2.
  public func epoch(_ number: Int, from batch: Int = 0) -> Epoch<Source> {
    require(
      (0..<Int(UInt32.max)).contains(number) && (0..<Int(UInt32.max)).contains(batch),
      "Loader: there is no batch \(batch) of epoch \(number); give numbers from 0 on")
    var ordering = generator(number, 0)
    let order =
      isShuffled
      ? [Int32](Tensor.permutation(source.count, using: &ordering)).map(Int.init)
      : Array(0..<source.count)
    let ranges = ranges
    return Epoch(from: batch, to: ranges.count, ahead: prefetchedBatches) {
      [self] batch throws(Source.Failure) in
      var samples = try source.samples(at: Array(order[ranges[batch]]))
      var generator = generator(number, batch + 1)
      for transform in transforms { samples = transform(samples, using: &generator) }
      return samples
    }
  }

  /// The random numbers of a part of an epoch: 0 for its order, and batches from 1 on.
  private func generator(_ epoch: Int, _ part: Int) -> Philox {
    var words = Philox(seed: seed, draw: UInt64(epoch) << 32 | UInt64(part))
    return Philox(seed: words.next())
  }
}
