import Adjoint

/// Ghost batch normalization: batch norm of each of the virtual batches that a large one is cut into.
///
///     x: [N, C], [N, C, L], [N, C, H, W], …   →   the same shape
///
/// In training the N samples are taken as ⌈N/size⌉ virtual batches, in order, whose sizes differ by one at
/// most: as one less where one of them would have a single value for each channel, as of 3 samples [3, C] by
/// twos. Each is normalized with its own statistics, which are averaged one after another into the running
/// ones. A large batch is then as noisy as a small one, and generalizes as well. In inference it is batch
/// norm.
///
/// Parameters and buffers are those of ``BatchNorm``, under the same names.
///
/// Source: Hoffer, Hubara & Soudry, "Train longer, generalize better: closing the generalization gap in
/// large batch training of neural networks" (2017), §4.
public struct GhostBatchNorm: Layer {
  /// The batch norm that each virtual batch goes through.
  public var norm: BatchNorm
  /// The largest number of samples in a virtual batch; one more where there would be a batch of one else.
  public var size: Int

  /// Makes a layer of a batch norm and the size of virtual batches.
  ///
  /// ```swift
  /// GhostBatchNorm(BatchNorm(64), size: 32)
  /// ```
  public init(_ norm: BatchNorm, size: Int) {
    (self.norm, self.size) = (norm, size)
    requireSize()
  }

  private func requireSize() {
    require(
      size >= 2,
      "GhostBatchNorm: the size of a virtual batch is \(size); give 2 or more, of which there is a variance"
    )
  }

  public mutating func visit(_ visitor: inout Visitor) { visitor.wrapped(&norm) }

  public mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    requireSize()
    guard mode == .training, x.rank > 0, x.shape[0] > size else { return norm(x, mode) }
    let values = x.count / max(x.shape[0] * norm.runningMean.count, 1)
    let most = values > 1 ? x.shape[0] : x.shape[0] / 2
    let count = min(x.shape[0] / size + (x.shape[0].isMultiple(of: size) ? 0 : 1), most)
    let starts = (0...count).map { $0 * x.shape[0] / count }
    let parts = zip(starts, starts.dropFirst()).map { start, end in
      norm(x.slice(start..<end, along: 0), mode)
    }
    return .concatenated(parts, along: 0)
  }
}
