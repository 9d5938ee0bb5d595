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
  func layer(_ channels: Int, axis: Int = 1) -> any Layer {
    switch self {
    case .batch: BatchNorm(channels, axis: axis)
    case .batchAveraged(let weight):
      BatchNorm(channels, axis: axis, averaging: .exponential(weightOfNew: weight))
    case .ghost(let size): GhostBatchNorm(BatchNorm(channels, axis: axis), size: size)
    case .renorm:
      BatchRenorm(channels, axis: axis, weightOfNew: 0.05, largestRatio: 3, largestOffset: 5)
    case .group(let groups): GroupNorm(groups, channels)
    case .layer: LayerNorm(channels)
    }
  }
}

/// What follows a linear layer.
enum Activation: String, Sendable, Codable, CaseIterable {
  case sigmoid, tanh
  case relu = "ReLU"

  func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .sigmoid: x.sigmoid()
    case .tanh: x.tanh()
    case .relu: x.relu()
    }
  }

  /// The starting weights that suit it.
  var initializer: Initializer { self == .relu ? .heNormal : .glorotUniform }

  /// Which of its outputs are saturated: where the slope is less than a tenth of its largest.
  func isSaturated(_ output: Tensor) -> Tensor {
    switch self {
    // The slope is y·(1 − y), 1/4 at most.
    case .sigmoid: output * (1 - output) .< 0.025
    // The slope is 1 − y², 1 at most.
    case .tanh: 1 - output.squared() .< 0.1
    case .relu: output .<= 0
    }
  }
}

extension Visitor {
  /// Names a layer of any type, if there is one.
  mutating func child(_ name: String, _ layer: inout (any Layer)?) {
    guard var own = layer else { return }
    visit(name, &own)
    layer = own
  }

  private mutating func visit(_ name: String, _ layer: inout any Layer) {
    func visited<Child: Layer>(_ child: Child) -> Child {
      var child = child
      self.child(name, &child)
      return child
    }
    layer = visited(layer)
  }
}
