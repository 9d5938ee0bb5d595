import Adjoint
import AdjointCheck

extension CaseKind {
  /// Right gradients whose parts are of very different size.
  static let spreads = CaseKind(
    "parts of very different size",
    [
      .function("squares of 1e6 beside a sine", at: [.normal(3, deviation: 1e6), .normal(3)]) {
        [$0[0].squared().sum() + $0[1].sin().sum()]
      },
      .function("1e8·sin a + sin b", at: [.normal(3), .normal(3)]) {
        [$0[0].sin().sum() * 1e8 + $0[1].sin().sum()]
      },
      .function("1e12·sin a + sin b", at: [.normal(3), .normal(3)]) {
        [$0[0].sin().sum() * 1e12 + $0[1].sin().sum()]
      },
      .function("1e12·sin a + sin b, element by element", at: [.normal(3), .normal(3)]) {
        [$0[0].sin() * 1e12 + $0[1].sin()]
      },
      .function("factors from 1e-10 to 1e10", at: .normal(5)) {
        $0.sin() * Tensor([1e-10, 1e-5, 1, 1e5, 1e10], dtype: $0.dtype)
      },
      .function("a sum of terms from 1e-3 to 1e3", at: .normal(4)) {
        ($0.sin() * Tensor([1e-3, 1e-1, 10, 1e3], dtype: $0.dtype)).sum()
      },
      .function("a sum of terms from 1e-10 to 1e10", at: .normal(5)) {
        ($0.sin() * Tensor([1e-10, 1e-5, 1, 1e5, 1e10], dtype: $0.dtype)).sum()
      },
      .function("outputs of 1e8 and 1e-8", at: [.normal(4)]) {
        [$0[0].sin() * 1e8, $0[0].cos() * 1e-8]
      },
      .function("factors of 1e8 and 1e-8 that cancel", at: [.normal(3), .normal(3)]) {
        [($0[0] * 1e8) * ($0[1] * 1e-8)]
      },
      .function("a quotient of 1e-8 and 1e8", at: [.normal(3), .uniform(3, in: 1..<2)]) {
        [($0[0] * 1e-8) / ($0[1] * 1e8)]
      },
      .function("a penalty of 1e-8", at: .normal(5)) {
        $0.sin().squared().sum() + $0.squared().sum() * 1e-8
      },
      .function("a penalty of 1e-8 of weights of their own", at: [.normal(3), .normal(3)]) {
        [$0[0].exp().sum() + $0[1].squared().sum() * 1e-8]
      },
      .function(
        "a bias beside weights of 1e6",
        at: [.normal(3, 2, deviation: 1e6), .normal(2, 2), .normal(2)]
      ) { [$0[0].affine(weight: $0[1], bias: $0[2])] },
      .function("rows from 1e-6 to 1e6 of a product", at: [.normal(3, 2), .normal(2, 2)]) {
        let rows = Tensor([1e-6, 1, 1e6], shape: [3, 1], dtype: $0[0].dtype)
        return [($0[0] * rows).matMul($0[1])]
      },
      .function("squares of 1e8 and 1e-8", at: .fixed(1e8, 1e-8, -1e8, 1)) { $0.squared() },
      .function("the sum of squares of 1e8 and 1e-8", at: .fixed(1e8, 1e-8, -1e8, 1)) {
        $0.squared().sum()
      },
      .function("logarithms of 1e8 and 1e-8", at: .fixed(1e8, 1e-8, 1)) { $0.log() },
      .function("sigmoids of inputs of 1e4 and 1e-4", at: .fixed(1e4, -2e4, 1e-4, -3e-4)) {
        ($0 * Tensor([1e-4, 1e-4, 1e4, 1e4], dtype: $0.dtype)).sigmoid()
      },
      .function("a softmax of logits 30 apart", at: .fixed([0, 30, 15, -5], shape: [1, 4])) {
        $0.softmax()
      },
      .function("exponentials from −20 to 20", at: .fixed(-20, -10, 0, 10, 20)) { $0.exp() },
      .function("the sum of exponentials from −20 to 20", at: .fixed(-20, -10, 0, 10, 20)) {
        $0.exp().sum()
      },
      .function("an eighth power at 10", at: .fixed(10, 0.1, -3)) { $0.power(8) },
      .function("products of many small factors", at: .normal(6)) {
        let small = $0 * 1e-3
        return (1..<6).reduce(small[0]) { $0 * small[$1] }
      },
      .function(
        "an input of 1e-12 beside one of 1e12",
        at: [.normal(3, deviation: 1e-12), .normal(3, deviation: 1e12)]
      ) {
        [($0[0] * 1e12).sin() * ($0[1] * 1e-12).cos()]
      },
      .function(
        "a convolution's small output beside a large one",
        at: [.normal(1, 1, 6), .fixed([1e8, 1e8, 1e-3, 1e-3], shape: [2, 1, 2])]
      ) { [$0[0].convolved(with: $0[1])] },
      .function(
        "a transposed convolution of numbers of 1e8",
        at: [.normal(1, 2, 3, mean: 1e8), .normal(2, 1, 3)]
      ) { [$0[0].convolvedTransposed(with: $0[1], strides: [2])] },
      .function(
        "a depthwise convolution of numbers of 1e6, and a batch norm",
        at: [.normal(2, 2, 4, 4, mean: 1e6), .normal(2, 1, 2, 2)]
      ) {
        let y = $0[0].convolved(with: $0[1], groups: 2)
        let ones = Tensor.ones([2], dtype: y.dtype)
        return [y.batchNormalized(scale: ones, shift: ones).output]
      },
      .function("a mean of numbers of 1e10", at: [.normal(4, deviation: 1e10), .normal(4)]) {
        [($0[0].mean() * 1e-10).sin() + $0[1].mean().sin()]
      },
    ])
}
