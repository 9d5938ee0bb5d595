import Adjoint
import AdjointNN

extension FunctionCase {
  /// Scale and shift of a norm, for each of so many features.
  private static func scaleAndShift(
    _ features: Int
  ) -> @Sendable (inout NumpyGenerator, DType) -> (differentiated: [Tensor], given: [Tensor]) {
    { generator, dtype in
      let scale = Tensor(generator.uniform(features, from: 0.5, to: 1.5), dtype: dtype)
      return ([scale, Tensor(generator.normal(features), dtype: dtype)], [])
    }
  }

  /// Labels below the number of classes.
  private static func labels(
    _ shape: [Int], classes: UInt32
  ) -> @Sendable (inout NumpyGenerator, DType) -> (differentiated: [Tensor], given: [Tensor]) {
    { generator, _ in
      ([], [Tensor(generator.integers(shape.reduce(1, *), below: classes), shape: shape)])
    }
  }

  /// Functions of rows or columns: softmax, norms, reductions and losses.
  static let reductions: [FunctionCase] = [
    FunctionCase(name: "softmax1", resultShape: [256, 1024]) { x, _ in x[0].softmax() },
    FunctionCase(name: "softmax0", resultShape: [256, 1024]) { x, _ in x[0].softmax(along: 0) },
    FunctionCase(name: "logsoftmax1", resultShape: [256, 1024]) { x, _ in x[0].logSoftmax() },
    FunctionCase(name: "logsumexp1", resultShape: [256]) { x, _ in x[0].logSumExp(over: [1]) },
    FunctionCase(name: "layernorm", others: scaleAndShift(1024), resultShape: [256, 1024]) { x, _ in
      x[0].layerNormalized(scale: x[1], shift: x[2])
    },
    FunctionCase(
      name: "groupnorm", shape: [32, 64, 28, 28], others: scaleAndShift(64),
      resultShape: [32, 64, 28, 28]
    ) { x, _ in x[0].groupNormalized(groups: 8, scale: x[1], shift: x[2]) },
    FunctionCase(
      name: "rmsnorm",
      others: { generator, dtype in
        ([Tensor(generator.uniform(1024, from: 0.5, to: 1.5), dtype: dtype)], [])
      }, resultShape: [256, 1024],
      function: { x, _ in x[0].rootMeanSquareNormalized(scale: x[1]) }),
    FunctionCase(name: "max1", resultShape: [256]) { x, _ in x[0].max(over: [1]) },
    FunctionCase(name: "sum0", resultShape: [1024]) { x, _ in x[0].sum(over: [0]) },
    FunctionCase(name: "sum1", resultShape: [256]) { x, _ in x[0].sum(over: [1]) },
    FunctionCase(name: "var0", resultShape: [1024]) { x, _ in x[0].variance(over: [0]) },
    FunctionCase(
      name: "crossentropy", shape: [4096, 1000], others: labels([4096], classes: 1000)
    ) { softmaxCrossEntropy($0[0], $1[0]) },
    FunctionCase(
      name: "crossentropyNCT", shape: [32, 65, 128], others: labels([32, 128], classes: 65)
    ) { softmaxCrossEntropy($0[0], $1[0]) },
    FunctionCase(
      name: "bcelogits",
      others: { generator, dtype in
        let labels = generator.integers(256 * 1024, below: 2)
        return ([], [Tensor(labels, shape: [256, 1024]).cast(to: dtype)])
      }, function: { ($0[0].softplus() - $0[0] * $1[0]).mean() }),
    FunctionCase(
      name: "mse",
      others: { generator, dtype in
        ([], [Tensor(generator.normal(256 * 1024), shape: [256, 1024], dtype: dtype)])
      }, function: { meanSquaredError($0[0], $1[0]) }),
  ]
}
