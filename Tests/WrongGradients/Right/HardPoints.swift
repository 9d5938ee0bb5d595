import Adjoint
import AdjointCheck

extension CaseKind {
  /// Norms, sums and other functions at points where they lose digits.
  static let hardPoints = CaseKind(
    "hard points",
    GradientCase.rightBatchNorms + [
      .function("relu near 0", at: .fixed(1e-9, -1e-9, 0.3, -2)) { $0.relu() },
      .function("relu at 0", at: .fixed(0, 1, -1, 0)) { $0.relu() },
      .function("abs at 0", at: .fixed(0, 1, -1)) { $0.magnitude() },
      .function("max at a tie", at: .fixed(1, 0.5, 1, -1)) { $0.max() },
      .function("min at a tie of all", at: .fixed(2, 2, 2)) { $0.min() },
      .function("clamp at a bound", at: .fixed(1, -1, 0.5, 3)) { $0.clamped(to: -1...1) },
      .function("leaky relu at 0", at: .fixed(0, -0.5, 2)) { $0.leakyRelu(slope: 0.1) },
      .function("elu at 0", at: .fixed(0, -0.5, 2)) { $0.elu() },
      .function("rsqrt at 1e-6", at: .fixed(1e-6, 2, 1e-6)) { $0.rsqrt() },
      .function("log at 1e-6", at: .fixed(1e-6, 2, 5)) { $0.log() },
      .function("a sum of squares at 1e8", at: .fixed(1e8, -2e8, 3e8)) { $0.squared().sum() },
      .function("tiny numbers", at: .fixed(1e-12, -3e-12, 2e-12)) { ($0 * 1e12).tanh() },
      .function("huge numbers", at: .fixed(1e12, -3e12, 2e12)) { ($0 * 1e-12).tanh() },
      .function("a select", at: .fixed(0.5, -1, 2)) {
        $0.select(where: $0 .> 0, otherwise: $0 * 3)
      },
      .function("a saturated sigmoid", at: .fixed(20, -20, 0.5)) { $0.sigmoid() },
      .function("rank 0", at: .full(of: 0.3)) { ($0 * 1.5 + 0.7).exp() },
      .function("an empty tensor", at: .full(0, 3, of: 1)) { $0.sin() }.undecidable,
      .function("logSumExp", at: .fixed(5, -3, 0.1, 40)) { $0.logSumExp() },
      .function("softmax at an offset of 1e4", at: .normal(3, 4, mean: 1e4)) { $0.softmax() },
      .function("softmax at an offset of 1e8", at: .normal(3, 4, mean: 1e8)) { $0.softmax() },
      .function("log softmax", at: .normal(3, 4, deviation: 3)) { $0.logSoftmax() },
      .function("log softmax at an offset of 1e6", at: .normal(3, 4, mean: 1e6)) {
        $0.logSoftmax()
      },
      .function("logSumExp at an offset of 1e8", at: .normal(4, mean: 1e8)) { $0.logSumExp() },
      .function("batch norm at a mean of 1e4", at: .normal(8, 2, mean: 1e4)) {
        batchNorm($0, epsilon: 1e-5)
      },
      .function("batch norm at a mean of 1e7", at: .normal(8, 2, mean: 1e7)) {
        batchNorm($0, epsilon: 1e-5)
      },
      .function("batch norm of a small deviation", at: .normal(8, 2, deviation: 1e-4)) {
        batchNorm($0, epsilon: 1e-5)
      },
      .function("batch norm of a large deviation", at: .normal(8, 2, deviation: 1e6)) {
        batchNorm($0, epsilon: 1e-5)
      },
      .function("batch norm of a channel that is constant", at: .full(5, 1, of: 3)) {
        batchNorm($0, epsilon: 1e-3)
      },
      .function("batch norm of two values", at: .normal(2, 3)) { batchNorm($0, epsilon: 1e-5) },
      .function("batch norm at second order", at: .normal(4, 2), order: 2) {
        batchNorm($0, epsilon: 0.1)
      },
      .function("layer norm at a mean of 1e6", at: .normal(3, 5, mean: 1e6)) {
        $0.layerNormalized(
          scale: .ones([5], dtype: $0.dtype), shift: .zeros([5], dtype: $0.dtype))
      },
      .function("group norm at a mean of 1e5", at: .normal(2, 4, 3, mean: 1e5)) {
        $0.groupNormalized(
          groups: 2, scale: .ones([4], dtype: $0.dtype), shift: .zeros([4], dtype: $0.dtype))
      },
      .function("RMS norm at a mean of 1e4", at: .normal(3, 4, mean: 1e4)) {
        $0.rootMeanSquareNormalized(scale: .ones([4], dtype: $0.dtype))
      },
      .function("variance at a mean of 1e4", at: .normal(6, 2, mean: 1e4)) {
        $0.variance(over: [0])
      },
      .function("variance at a mean of 1e8", at: .normal(6, mean: 1e8)) { $0.variance() },
      .function("variance at a mean of 1e10", at: .normal(6, mean: 1e10)) { $0.variance() },
      .function("standard deviation at a mean of 1e6", at: .normal(6, mean: 1e6)) {
        $0.standardDeviation()
      },
      .function("differences at an offset of 1e8", at: .normal(5, mean: 1e8)) {
        ($0[1..<5] - $0[0..<4]).tanh()
      },
      .function("gelu", at: .normal(3, 4, deviation: 2)) { $0.gelu() },
      .function("a product", at: .normal(4, 4)) { $0.matMul($0.tanh(), transposingOther: true) },
      .function("a large input", at: .normal(40, 30)) { $0.tanh().sum(over: [1]) },
      .function("relu of many", at: .normal(6, 20)) { ($0 * 3).relu().squared() },
      .function("max over rows", at: .normal(6, 5)) { $0.max(over: [1]) },
    ])

  private static func batchNorm(_ x: Tensor, epsilon: Double) -> Tensor {
    let scale = Tensor.linear(
      from: 0.5, through: 2, count: Swift.max(x.shape[1], 2), dtype: x.dtype)
    let channels = scale[0..<x.shape[1]]
    return x.batchNormalized(scale: channels, shift: channels, epsilon: epsilon).output
  }
}
