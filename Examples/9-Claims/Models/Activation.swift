import Adjoint
import AdjointNN

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
