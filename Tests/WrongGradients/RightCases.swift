import Adjoint
import AdjointCheck
import AdjointNN

extension CaseKind {
  /// Right gradients at hard points.
  static let hardPoints = CaseKind(
    "hard points",
    GradientCase.rightBatchNorms + [
      right("relu near 0", [1e-9, -1e-9, 0.3, -2]) { $0.relu() },
      right("relu at 0", [0, 1, -1, 0]) { $0.relu() },
      right("abs at 0", [0, 1, -1]) { $0.magnitude() },
      right("max at a tie", [1, 0.5, 1, -1]) { $0.max() },
      right("min at a tie of all", [2, 2, 2]) { $0.min() },
      right("clamp at a bound", [1, -1, 0.5, 3]) { $0.clamped(to: -1...1) },
      right("leaky relu at 0", [0, -0.5, 2]) { $0.leakyRelu(slope: 0.1) },
      right("elu at 0", [0, -0.5, 2]) { $0.elu() },
      right("rsqrt at 1e-6", [1e-6, 2, 1e-6]) { $0.rsqrt() },
      right("log at 1e-6", [1e-6, 2, 5]) { $0.log() },
      right("a sum of squares at 1e8", [1e8, -2e8, 3e8]) { $0.squared().sum() },
      right("tiny numbers", [1e-12, -3e-12, 2e-12]) { ($0 * 1e12).tanh() },
      right("huge numbers", [1e12, -3e12, 2e12]) { ($0 * 1e-12).tanh() },
      right("a select", [0.5, -1, 2]) { $0.select(where: $0 .> 0, otherwise: $0 * 3) },
      right("a saturated sigmoid", [20, -20, 0.5]) { $0.sigmoid() },
      right("rank 0", [], shape: []) { ($0 * 1.5 + 0.7).exp() },
      right("an empty tensor", [], shape: [0, 3]) { $0.sin() },
      right("logSumExp", [5, -3, 0.1, 40]) { $0.logSumExp() },
      random("softmax at an offset of 1e4", [3, 4], mean: 1e4) { $0.softmax() },
      random("log softmax", [3, 4], deviation: 3) { $0.logSoftmax() },
      random("batch norm at a mean of 1e4", [8, 2], mean: 1e4) { x in
        batchNorm(x, epsilon: 1e-5)
      },
      random("batch norm of a small deviation", [8, 2], deviation: 1e-4) { x in
        batchNorm(x, epsilon: 1e-5)
      },
      random("batch norm at second order", [4, 2], order: 2) { x in batchNorm(x, epsilon: 0.1) },
      random("variance at a mean of 1e4", [6, 2], mean: 1e4) { $0.variance(over: [0]) },
      random("gelu", [3, 4], deviation: 2) { $0.gelu() },
      random("a product", [4, 4]) { $0.matMul($0.tanh(), transposingOther: true) },
      random("a large input", [40, 30]) { $0.tanh().sum(over: [1]) },
      random("relu of many", [6, 20]) { ($0 * 3).relu().squared() },
      random("max over rows", [6, 5]) { $0.max(over: [1]) },
      GradientCase("dropout with a fixed key") { seed in
        var generator = Philox(seed: seed)
        let dropout = Dropout(rate: 0.5, using: &generator)
        let x = Tensor.normal([3, 4], dtype: .float64, using: &generator)
        return checkGradients(of: dropout, at: x, .training, seed: seed)
      },
      GradientCase("a network with batch norm and relu") { seed in
        var generator = Philox(seed: seed)
        let model = Sequential {
          Linear(4, 6, bias: false, using: &generator)
          BatchNorm(6)
          ReLU()
          Linear(6, 3, using: &generator)
        }
        let x = Tensor.normal([8, 4], dtype: .float64, using: &generator)
        return checkGradients(of: model, at: x, .training, seed: seed)
      },
    ])

  /// A function at a given point; the seed chooses the cotangents. A point of rank 0 is 0.3.
  private static func right(
    _ name: String, _ point: [Double], shape: [Int]? = nil,
    _ function: @escaping @Sendable (Tensor) -> Tensor
  ) -> GradientCase {
    GradientCase(name) { seed in
      let shape = shape ?? [point.count]
      let x = shape.isEmpty ? Tensor(0.3, dtype: .float64) : Tensor(point, shape: shape)
      return checkGradients(at: [x], seed: seed, name: name) { [function($0[0])] }
    }
  }

  /// A function at normally distributed numbers.
  private static func random(
    _ name: String, _ shape: [Int], mean: Double = 0, deviation: Double = 1, order: Int = 1,
    _ function: @escaping @Sendable (Tensor) -> Tensor
  ) -> GradientCase {
    GradientCase(name) { seed in
      var generator = Philox(seed: seed &+ 500)
      let x = Tensor.normal(
        shape, mean: mean, deviation: deviation, dtype: .float64, using: &generator)
      return checkGradients(at: [x], order: order, seed: seed, name: name) { [function($0[0])] }
    }
  }

  @Sendable
  private static func batchNorm(_ x: Tensor, epsilon: Double) -> Tensor {
    let scale = Tensor.linear(from: 0.5, through: 2, count: x.shape[1], dtype: x.dtype)
    return x.batchNormalized(scale: scale, shift: scale, epsilon: epsilon).output
  }
}
