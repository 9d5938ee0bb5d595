import Adjoint
import AdjointNN

/// Which normalization a network has.
enum NormKind: Sendable, Hashable {
  case batch
  /// Batch norm whose running statistics follow each batch with this weight.
  case batchAveraged(weightOfNew: Double)
  /// Batch norm over so many images of the batch at a time.
  case ghost(Int)
  case renorm
  /// Group norm with so many groups.
  case group(Int)
  case layer

  /// Makes the layer for so many channels; those of images come second, those of texts last.
  func layer(_ channels: Int, axis: Int = 1) -> AnyLayer {
    switch self {
    case .batch: AnyLayer(BatchNorm(channels, axis: axis))
    case .batchAveraged(let weight):
      AnyLayer(
        BatchNorm(channels, axis: axis, averaging: .exponential(weightOfNew: weight)))
    case .ghost(let size):
      AnyLayer(GhostBatchNorm(BatchNorm(channels, axis: axis), size: size))
    case .renorm:
      AnyLayer(
        BatchRenorm(channels, axis: axis, weightOfNew: 0.05, largestRatio: 3, largestOffset: 5))
    case .group(let groups): AnyLayer(GroupNorm(groups, channels))
    case .layer: AnyLayer(LayerNorm(channels))
    }
  }
}
