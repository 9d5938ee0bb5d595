import Adjoint
import AdjointCheck
import AdjointNN

extension CaseKind {
  /// Right second derivatives.
  static let curvatures = CaseKind(
    "second order of smooth functions",
    [
      smooth("sin", .normal(4)) { $0.sin() },
      smooth("tanh", .normal(4)) { $0.tanh() },
      smooth("a sigmoid", .normal(4)) { $0.sigmoid() },
      smooth("gelu", .normal(4)) { $0.gelu() },
      smooth("softplus at ±30", .fixed(30, -30, 0.1)) { $0.softplus() },
      smooth("a third power", .normal(4)) { $0.power(3) },
      smooth("a square root", .uniform(4, in: 0.5..<2)) { $0.squareRoot() },
      smooth("1/x at 1e-3", .fixed(1e-3, -1e-3, 1)) { 1 / $0 },
      smooth("sin x/x at 1e-8", .fixed(1e-8, 1e-4, 2)) { $0.sin() / $0 },
      smooth("in float32 for a while", .normal(4, deviation: 30)) {
        $0.cast(to: .float32).sin().cast(to: .float64) * $0
      },
      smooth("xˣ", .uniform(3, in: 0.5..<2)) { $0.power($0) },
      smooth("relu² away from 0", .fixed(1, -1, 0.5)) { $0.relu().squared() },
      smooth("relu, whose second derivative is 0", .fixed(1, -1, 0.5)) { $0.relu() },
      smooth("a linear function", .normal(4)) { $0 * 3 + 1 },
      smooth("a sum", .normal(2, 3)) { $0.sum(over: [1]) },
      smooth("a linear part beside a square", .normal(4)) { $0 * 2 + $0.squared() },
      smooth("a function that is linear in one half", .normal(4)) {
        .concatenated([$0[0..<2] * 3, $0[2..<4].sin()], along: 0)
      },
      smooth("softmax", .normal(2, 3)) { $0.softmax() },
      smooth("softmax of logits 10 apart", .normal(3, 4, deviation: 10)) { $0.softmax() },
      smooth("softmax of logits 30 apart", .normal(3, 4, deviation: 30)) { $0.softmax() },
      smooth("a cross-entropy of logits 10 apart", [.normal(2, 3, deviation: 10), .integers(2, 0)])
      {
        [$0[0].softmaxCrossEntropy($0[1])]
      },
      smooth("a sigmoid at ±25", .fixed(25, -25, 40, 1)) { $0.sigmoid() },
      smooth("kernels of distances", [.normal(4, 2, deviation: 4), .normal(3, 2, deviation: 4)]) {
        let distances = $0[0].expanded(at: 1) - $0[1].expanded(at: 0)
        return [(-distances.squared().sum(over: 2)).exp()]
      },
      smooth("an absolute value at 0 beside a sine", .fixed(0, 1, -2)) {
        $0.magnitude() + $0.sin()
      },
      smooth("a norm at 0", .fixed(0, 0, 0)) { $0.norm() },
      smooth("log-softmax", .normal(2, 3)) { $0.logSoftmax() },
      smooth("logSumExp", .normal(4)) { $0.logSumExp() },
      smooth("a norm", .normal(4)) { $0.norm() },
      smooth("a variance", .normal(5)) { $0.variance() },
      smooth("a variance at a mean of 1e4", .normal(5, mean: 1e4)) { $0.variance() },
      smooth("a layer norm", .normal(2, 4)) {
        ($0 - $0.mean(over: [1], keepingAxes: true))
          * ($0.variance(over: [1], keepingAxes: true) + 0.1).rsqrt()
      },
      smooth("a large square", .fixed(1e6, -2e6, 3)) { $0.squared() },
      smooth("places that repeat", .normal(3)) {
        $0.gather(.places(0, 0, 2), along: 0).power(3)
      },
      smooth("a product of all", .uniform(3, in: 0.5..<2)) { $0[0] * $0[1] * $0[2] },
      smooth("average pooling", .normal(1, 1, 4)) { $0.averagePooled([2]).exp() },
      smooth("a cumulative recurrence", .normal(3)) { x in
        (1..<3).reduce(x[0]) { state, step in (state * x[step]).tanh() }
      },
      smooth("a product", [.normal(3), .normal(3)]) { [$0[0] * $0[1]] },
      smooth("a quotient", [.normal(3), .uniform(3, in: 0.5..<2)]) {
        [$0[0] / $0[1]]
      },
      smooth("a matrix product", [.normal(2, 3), .normal(3, 2)]) {
        [$0[0].matMul($0[1])]
      },
      smooth("a quadratic form", [.normal(3), .normal(3, 3)]) {
        [($0[0].expanded(at: 1) * $0[1] * $0[0]).sum()]
      },
      smooth("a convolution", [.normal(1, 1, 4), .normal(1, 1, 2)]) {
        [$0[0].convolved(with: $0[1])]
      },
      smooth("an angle", [.normal(3), .normal(3)]) {
        [.angle(ofY: $0[0], x: $0[1])]
      },
      smooth("two outputs", [.normal(3)]) { [$0[0].sin(), $0[0].exp()] },
      smooth("an input that is ignored", [.normal(3), .normal(3)]) {
        [$0[0].sin()]
      },
      smooth("a cross-entropy", [.normal(2, 3), .integers(2, 0)]) {
        [$0[0].softmaxCrossEntropy($0[1])]
      },
      smooth("a batch norm with its parameters", [.normal(4, 2), .normal(2), .normal(2)]) {
        [$0[0].batchNormalized(scale: $0[1], shift: $0[2], epsilon: 0.1).output]
      },
      .layer("a linear layer at second order", at: .normal(2, 3), order: 2) {
        Linear(3, 2, using: &$0)
      },
      .layer("batch norm in inference at second order", at: .normal(3, 2), in: .inference, order: 2)
      { _ in
        BatchNorm(2)
      },
    ])

  private static func smooth(
    _ name: String, _ input: CaseInput, _ function: @escaping @Sendable (Tensor) -> Tensor
  ) -> GradientCase {
    smooth(name, [input]) { [function($0[0])] }
  }

  private static func smooth(
    _ name: String, _ inputs: [CaseInput], _ function: @escaping @Sendable ([Tensor]) -> [Tensor]
  ) -> GradientCase {
    .function("\(name) at second order", at: inputs, order: 2, function)
  }
}
