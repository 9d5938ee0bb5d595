import Adjoint
import AdjointCheck
import AdjointNN

extension CaseKind {
  /// Gradients that are 0, but for rounding, since what the input does cancels.
  static let invariances = CaseKind(
    "zero by an invariance",
    [
      .function("the sum of a softmax", at: .normal(3, 4)) { $0.softmax().sum(over: [1]) },
      .function("the sum of a batch norm", at: .normal(6, 2)) { batchNorm($0).sum(over: [0]) },
      .function("the squares of a layer norm, summed", at: .normal(3, 5)) {
        layerNorm($0, epsilon: 0).squared().sum(over: [1])
      },
      .function("the sum of what is centred", at: .normal(5)) { ($0 - $0.mean()).sum() },
      .function("sin² + cos²", at: .normal(4)) { $0.sin().squared() + $0.cos().squared() },
      .function("squares that cancel", at: .normal(4)) {
        ($0 + 1).squared() - $0.squared() - $0 * 2
      },
      .function("a factor of 0", at: .normal(4)) { $0 * 0 },
      .function(
        "a bias in front of a batch norm", at: [.normal(6, 3), .normal(2, 3), .normal(2)]
      ) { [batchNorm($0[0].affine(weight: $0[1], bias: $0[2]))] },
      .function(
        "a convolution's bias in front of a batch norm",
        at: [.normal(2, 2, 3, 3), .normal(2, 2, 2, 2), .normal(2)]
      ) { [batchNorm($0[0].convolved(with: $0[1], bias: $0[2]))] },
      .function("a bias in front of an instance norm", at: [.normal(2, 3, 4), .normal(3, 1)]) {
        [layerNorm($0[0] + $0[1])]
      },
      .function("a bias of a group in front of a group norm", at: [.normal(2, 4, 2), .normal(1)]) {
        let ones = Tensor.ones([4], dtype: $0[0].dtype)
        return [($0[0] + $0[1]).groupNormalized(groups: 2, scale: ones, shift: ones)]
      },
      .function("a shift in front of a layer norm", at: [.normal(3, 4), .normal(3, 1)]) {
        [layerNorm($0[0] + $0[1])]
      },
      .function("an offset of a variance", at: [.normal(5), scalar]) {
        [($0[0] + $0[1]).variance()]
      },
      .function("an offset of logits", at: [.normal(3, 4), scalar]) {
        [($0[0] + $0[1]).softmax()]
      },
      .function("an offset of each row of a log-softmax", at: [.normal(3, 4), .normal(3, 1)]) {
        [($0[0] + $0[1]).logSoftmax()]
      },
      .function("an offset of a cross-entropy", at: [.normal(3, 4), scalar, .integers(1, 0, 3)]) {
        [($0[0] + $0[1]).softmaxCrossEntropy($0[2])]
      },
      .function(
        "a bias of the keys", at: [.normal(3, 2), .normal(3, 2), .normal(2), .normal(3, 2)]
      ) {
        [$0[0].matMul($0[1] + $0[2], transposingOther: true).softmax().matMul($0[3])]
      },
      .function("a scale in front of a norm", at: [.normal(4), positive]) {
        let x = $0[0] * $0[1]
        return [x / x.norm()]
      },
      .function("a scale in front of an RMS norm", at: [.normal(3, 4), positive]) {
        let x = $0[0] * $0[1]
        return [x * x.squared().mean(over: [1], keepingAxes: true).rsqrt()]
      },
      .function("a vector's length in a cosine", at: [.normal(4), .normal(4), positive]) {
        let x = $0[0] * $0[2]
        return [(x * $0[1]).sum() / (x.norm() * $0[1].norm())]
      },
      .function("a factor of both sides of a ratio", at: [positive, positive, positive]) {
        [($0[0] * $0[2]).log() - ($0[1] * $0[2]).log()]
      },
      .function("the length of what is turned", at: [.normal(2), scalar]) {
        [rotation($0[1]).matMul($0[0].expanded(at: 1)).norm()]
      },
      .function("the determinant of a rotation", at: [scalar]) {
        let turned = rotation($0[0])
        return [turned[0][0] * turned[1][1] - turned[0][1] * turned[1][0]]
      },
      .function("a translation of all points", at: [.normal(3, 2), .normal(2)]) {
        let x = $0[0] + $0[1]
        return [(x.expanded(at: 1) - x.expanded(at: 0)).squared().sum(over: [2])]
      },
      .function("the trace of a commutator", at: [.normal(3, 3), .normal(3, 3)]) {
        let commutator = $0[0].matMul($0[1]) - $0[1].matMul($0[0])
        return [(commutator * .identity(3, dtype: commutator.dtype)).sum()]
      },
      .layer("a linear layer's bias in front of a batch norm", at: .normal(6, 3), biased),
      .layer("a convolution's bias and a batch norm, as layers", at: .normal(2, 1, 4, 4), imaged),
      .loss("the mean of a batch norm as a loss", at: .normal(6, 3), biased) { $0.mean() },
    ])

  private static let scalar = CaseInput.normal()
  private static let positive = CaseInput.uniform(1, in: 0.5..<2)

  private static func batchNorm(_ x: Tensor) -> Tensor {
    let ones = Tensor.ones([x.shape[1]], dtype: x.dtype)
    return x.batchNormalized(scale: ones, shift: ones).output
  }

  /// Over the last axis.
  private static func layerNorm(_ x: Tensor, epsilon: Double = 1e-5) -> Tensor {
    (x - x.mean(over: [-1], keepingAxes: true))
      * (x.variance(over: [-1], keepingAxes: true) + epsilon).rsqrt()
  }

  /// [2, 2], by an angle of rank 0.
  private static func rotation(_ angle: Tensor) -> Tensor {
    Tensor.stacked([angle.cos(), -angle.sin(), angle.sin(), angle.cos()]).reshaped(to: [2, 2])
  }

  @Sendable
  private static func biased(_ generator: inout Philox) -> some Layer {
    Sequential {
      Linear(3, 2, using: &generator)
      BatchNorm(2)
    }
  }

  @Sendable
  private static func imaged(_ generator: inout Philox) -> some Layer {
    Sequential {
      Conv2D(1, 2, kernel: 2, using: &generator)
      BatchNorm(2)
    }
  }
}
