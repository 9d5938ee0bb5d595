import Adjoint
import AdjointCheck
import AdjointNN

/// A layer of the package at an input, for what every layer has to satisfy.
struct LayerSample: Sendable, CustomStringConvertible {
  let description: String
  let layer: any Layer
  let x: Tensor
  let expectations: [Expectation]

  init(_ name: String, _ layer: any Layer, _ shape: [Int], expecting: [Expectation] = []) {
    (description, self.layer, x, expectations) = (name, layer, batch(shape), expecting)
  }

  /// A layer whose parameters are drawn.
  init(_ name: String, _ shape: [Int], _ make: (inout Philox) -> any Layer) {
    var generator = Philox(seed: 11)
    self.init(name, make(&generator), shape)
  }

  /// Every layer.
  static let all: [LayerSample] = normalization
}

extension LayerSample {
  static let normalization: [LayerSample] = [
    LayerSample("BatchNorm", BatchNorm(3), [4, 3, 2]),
    LayerSample("BatchNorm of Keras", BatchNorm(3, convention: .keras), [4, 2, 3]),
    LayerSample("BatchNorm, running", running, [5, 3]),
    LayerSample("BatchNorm, batch", batchAlways, [5, 3]),
    LayerSample(
      "BatchRenorm", BatchRenorm(2, largestRatio: 3, largestOffset: 5), [4, 2],
      expecting: [.stopped("x")]),
    LayerSample("GhostBatchNorm", GhostBatchNorm(BatchNorm(2), size: 3), [7, 2]),
    LayerSample("GroupNorm", GroupNorm(2, 4), [2, 4, 3]),
    LayerSample("InstanceNorm", InstanceNorm(2, scale: true, shift: true), [2, 2, 3]),
    LayerSample(
      "InstanceNorm with running statistics", InstanceNorm(2, runningStatistics: true), [2, 2, 3]),
    LayerSample("LayerNorm", LayerNorm([2, 3]), [2, 2, 3]),
    LayerSample("RMSNorm", RMSNorm(4), [2, 3, 4]),
  ]

  private static var running: BatchNorm {
    var norm = BatchNorm(3)
    norm.statistics = .running
    return norm
  }

  private static var batchAlways: BatchNorm {
    var norm = BatchNorm(3)
    norm.statistics = .batch
    return norm
  }
}
