import Adjoint
import AdjointCheck

extension CaseKind {
  /// Right gradients on kinks and beside them: subgradients where there is no gradient.
  static let ties = CaseKind(
    "on kinks and at ties",
    [
      .function("relu at 0, many times", at: .full(4, 5, of: 0)) { $0.relu() },
      .function("relu at 0, in more elements than are tried", at: .full(600, of: 0)) { $0.relu() },
      .function(
        "max pooling of an image with black parts", at: .normal(1, 1, 24, 24).map { $0.relu() }
      ) { $0.maxPooled([2, 2]) },
      .function("the three largest, all of which tie", at: .fixed(2, 5, 5, 3, 5)) {
        $0.topK(3).values.exp()
      },
      .function("cumulative maxima of ties", at: .fixed(1, 3, 3, 2, 4, 4)) {
        $0.cumulativeMax(along: 0)
      },
      .function("a norm of infinite power at a tie", at: .fixed(3, -3, 1)) { $0.norm(.infinity) },
      .function("relu at −0", at: .fixed(-0.0, 1)) { $0.relu() },
      .function("relu at 1e-300", at: .fixed(1e-300, -1e-300, 1)) { $0.relu() },
      .function("relu² at 0", at: .fixed(0, 1, -1)) { $0.relu().squared() },
      .function("a sum of absolute values, all 0", at: .full(6, of: 0)) {
        $0.magnitude().sum()
      },
      .function("x·|x| at 0", at: .fixed(0, 1, -2)) { $0 * $0.magnitude() },
      .function("sign away from 0", at: .fixed(1, -0.5, 1e-3)) { $0.sign() },
      .function("a minimum of rows that are all equal", at: .full(2, 3, of: 1.5)) {
        $0.min(over: [1])
      },
      .function("a maximum of all that are equal", at: .full(2, 3, of: -2)) { $0.max() },
      .function("a tie of three in one row", at: .fixed([1, 3, 3, 3, 0, 1, 2, 2], shape: [2, 4])) {
        $0.max(over: [1])
      },
      .function("the largest magnitude at a tie", at: .fixed(2, -2, 1)) { $0.magnitude().max() },
      .function("the larger of two equal ones", at: [.fixed(1, 2, 0), .fixed(1, 0, 0)]) {
        [.maximum($0[0], $0[1])]
      },
      .function("the smaller of a tensor and itself", at: .normal(4)) { .minimum($0, $0) },
      .function("a clamp at both bounds", at: .fixed(-1, 1, 0.5, -2)) { $0.clamped(to: -1...1) },
      .function("a clamp between tensors, at one", at: [.fixed(0, 2), .fixed(0, 0), .fixed(1, 2)]) {
        [$0[0].clamped(from: $0[1], to: $0[2])]
      },
      .function("a hinge exactly at its margin", at: .fixed(1, 0.5, 2, -1)) { (1 - $0).relu() },
      .function("Huber exactly at its δ", at: .fixed(1, -1, 0.5, 3)) { x in
        (x.squared() * 0.5).select(where: x.magnitude() .<= 1, otherwise: x.magnitude() - 0.5)
      },
      .function("a choice on equality", at: .fixed(0, 1, -2)) {
        $0.select(where: $0 .== 0, otherwise: $0.sin())
      },
      .function("a choice by a mask", at: [.normal(4), .normal(4)]) {
        [$0[0].exp().select(where: .places(1, 0, 0, 1) .> 0, otherwise: $0[1].sin())]
      },
      .function("a maximum behind a mask of −∞", at: .normal(4)) {
        ($0 + Tensor([0, -Double.infinity, 0, 0], dtype: $0.dtype)).max()
      },
      .function("a maximum behind a mask of −1e9", at: .fixed(1, 1, 0.5)) {
        ($0 - Tensor([0, 1e9, 0], dtype: $0.dtype)).max()
      },
      .function("max pooling of equal elements", at: .full(1, 1, 4, of: 2)) { $0.maxPooled([2]) },
      .function("max pooling at a tie", at: .fixed([1, 1, 0, 2, 2, -1], shape: [1, 1, 6])) {
        $0.maxPooled([3])
      },
      .function("overlapping max pooling at a tie", at: .fixed([1, 3, 3, 0, 2], shape: [1, 1, 5])) {
        $0.maxPooled([2], strides: [1])
      },
      .function("a norm at 0", at: .full(3, of: 0)) { $0.norm() },
      .function("norms of rows, one of which is 0", at: .fixed([0, 0, 3, 4], shape: [2, 2])) {
        $0.norm(over: [1])
      },
      .function("a kink of one of two inputs", at: [.fixed(0, 1), .normal(2)]) {
        [$0[0].relu() + $0[1].sin()]
      },
      .function("a kink 1e-6 away", at: .fixed(1e-6, -1e-6, 1)) { $0.magnitude() },
      .function("many kinks in the usual step", at: .fixed(0.05, 1.35, -0.65)) { x in
        (0..<20).reduce(x) { sum, k in sum + (x - Double(k) * 0.1).magnitude() }
      },
      opaque("opaque relu at 0, with the slope 0", at: .fixed(0, 1, -1), { $0.relu() }) {
        ($0 .> 0).cast(to: $0.dtype)
      },
      opaque("opaque relu at 0, with the slope 1", at: .fixed(0, 1, -1), { $0.relu() }) {
        ($0 .>= 0).cast(to: $0.dtype)
      },
      opaque("opaque relu at 0, with the slope 1/2", at: .fixed(0, 1, -1), { $0.relu() }) {
        ($0.sign() + 1) * 0.5
      },
      opaque("opaque relu near 0", at: .fixed(1e-9, -1e-9, 1), { $0.relu() }) {
        ($0 .> 0).cast(to: $0.dtype)
      },
      opaque("opaque |x| at 0", at: .fixed(0, 1, -1), { $0.magnitude() }) { $0.sign() },
      opaque(
        "an opaque clamp at its bounds", at: .fixed(1, -1, 0.5, 2),
        {
          $0.clamped(to: -1...1)
        }
      ) { ($0.magnitude() .<= 1).cast(to: $0.dtype) },
      opaque(
        "an opaque staircase between its steps", at: .fixed(0.5, 2.3, -1.2), { $0.roundedDown() }
      ) {
        .zeros(like: $0)
      },
      opaque(
        "an opaque staircase 1e-6 beside a step", at: .fixed(1 + 1e-6, 0.5), { $0.roundedDown() }
      ) {
        .zeros(like: $0)
      },
      opaque("an opaque staircase on a step", at: .fixed(1, 0.5), { $0.roundedDown() }) {
        .zeros(like: $0)
      }.undecidable,
      opaque("an opaque step at 0", at: .fixed(0, 1), { ($0 .>= 0).cast(to: $0.dtype) }) {
        .zeros(like: $0)
      }.undecidable,
      opaque(
        "an opaque fraction between its jumps", at: .fixed(0.5, 2.3, -1.2),
        {
          $0 - $0.roundedDown()
        }
      ) { .ones(like: $0) },
      .unary(
        "an opaque maximum at a tie", at: .fixed(1, 0.5, 1, -1), result: [], { $0.max() },
        cotangent: { x, y, g in
          let winners = (x .== y).cast(to: x.dtype)
          return g * winners / winners.sum()
        }),
      .function("sign at 0", at: .fixed(0, 1)) { $0.sign() }.undecidable,
      .function("a comparison at equality", at: .fixed(1, 2)) {
        ($0 .>= 1).cast(to: $0.dtype) + $0
      }.undecidable,
    ])

  /// A piecewise function behind a kernel that does not tell of its pieces.
  private static func opaque(
    _ name: String, at input: CaseInput, _ function: @escaping @Sendable (Tensor) -> Tensor,
    derivative: @escaping @Sendable (Tensor) -> Tensor
  ) -> GradientCase {
    .slope(name, at: input, function, derivative: derivative)
  }
}
