import Adjoint
import AdjointCheck

extension CaseKind {
  /// Mistakes at kinks, and between pieces.
  static let kinks = CaseKind(
    "kinks and pieces",
    [
      .unary("a tie counted twice", at: tied, result: [], { $0.max() }) { x, y, g in
        (x .== y).cast(to: x.dtype) * g
      },
      .unary("a tie that gets nothing", at: tied, result: [], { $0.max() }) { x, y, g in
        let largest = (x .== y).cast(to: x.dtype)
        return largest * (largest.sum() .== 1).cast(to: x.dtype) * g
      },
      .unary(
        "a tie of rows counted twice", at: .fixed([1, 1, 0, 2, 3, 3], shape: [2, 3]),
        result: [2], { $0.max(over: [1]) }
      ) { x, y, g in (x .== y.expanded(at: 1)).cast(to: x.dtype) * g.expanded(at: 1) },
      .unary("a minimum's tie counted twice", at: .fixed(2, 2, 2), result: [], { $0.min() }) {
        x, y, g in (x .== y).cast(to: x.dtype) * g
      },
      .rule(
        "a larger of two, both of which get everything where they are equal",
        at: [.fixed(1, 2, -1), .fixed(1, 0, 3)], { .maximum($0[0], $0[1]) }
      ) { rule in
        let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
        rule.set(0, to: g * (a .>= b).cast(to: g.dtype))
        rule.set(1, to: g * (b .>= a).cast(to: g.dtype))
      },
      .unary(
        "max pooling's tie counted twice", at: .fixed([1, 1, 0, 2], shape: [1, 1, 4]),
        result: [1, 1, 2], { $0.maxPooled([2]) }
      ) { x, y, g in
        let (large, shares) = (enlarged(y), enlarged(g))
        return (x .== large).cast(to: x.dtype) * shares
      },
      .slope(
        "a bend of a width of 1e-7 taken for a kink", at: .fixed(0.3e-7, 1, -0.7),
        { ($0.squared() + 1e-14).squareRoot() }
      ) { $0.sign() },
      .slope(
        "a steep softplus taken for relu", at: .fixed(0, 1, -0.7), { ($0 * 1e8).softplus() / 1e8 }
      ) { ($0 .>= 0).cast(to: $0.dtype) },
      .unary("a slope of relu outside 0...1 at 0", at: zeros, { $0.relu() }) { x, _, g in
        g * ((x .> 0).cast(to: x.dtype) + (x .== 0).cast(to: x.dtype) * 1.5)
      },
      .unary("a negative slope of relu at 0", at: zeros, { $0.relu() }) { x, _, g in
        g * ((x .> 0).cast(to: x.dtype) - (x .== 0).cast(to: x.dtype) * 0.5)
      },
      .unary("a slope of |x| of 2 at 0", at: zeros, { $0.magnitude() }) { x, _, g in
        g * (x.sign() + (x .== 0).cast(to: x.dtype) * 2)
      },
      .slope("an opaque relu with a slope of 0.1 for negatives", at: pieces, { $0.relu() }) {
        ($0 .> 0).cast(to: $0.dtype) * 0.9 + 0.1
      },
      .slope("an opaque relu that lets everything through", at: pieces, { $0.relu() }) {
        .ones(like: $0)
      },
      .slope("relu with its pieces exchanged", at: pieces, { $0.relu() }) {
        ($0 .<= 0).cast(to: $0.dtype)
      },
      .slope("relu from 1 on", at: pieces, { $0.relu() }) { ($0 .> 1).cast(to: $0.dtype) },
      .slope("a clamp that leaks", at: clamped, looksLike: .fewElements, clamp) {
        .ones(like: $0)
      },
      .slope("a clamp that leaks a little", at: clamped, looksLike: .fewElements, clamp) {
        let inside = ($0.magnitude() .<= 1).cast(to: $0.dtype)
        return inside + (1 - inside) * 1e-5
      },
      .slope(
        "a clamp of one side", at: clamped, looksLike: .fewElements,
        {
          $0.clamped(to: -0.8...1)
        }
      ) { ($0 .<= 1).cast(to: $0.dtype) },
      .slope("a staircase passed straight through", at: pieces, { $0.roundedDown() }) {
        .ones(like: $0)
      },
      .slope(
        "a fractional part without a slope", at: pieces, looksLike: .zero,
        {
          $0 - $0.roundedDown()
        }
      ) { .zeros(like: $0) },
      .unary(
        "a sort whose permutation is not inverted", at: .fixed(0.3, 2, -1, 0.9, 1.4),
        looksLike: .order, { ascending($0) }
      ) { _, _, g in g.gather(order, along: 0) },
      .unary(
        "a median's gradient to the mean", at: .fixed(0.3, 2, -1, 0.9, 1.4), result: [],
        { ascending($0)[2] }
      ) { x, _, g in g.broadcast(to: x.shape) / Double(x.count) },
      .mistaking(
        "a maximum's gradient to all", at: .normal(5), result: [], { $0.max() }
      ) { $0.mean() },
      .mistaking(
        "a choice by the other branch", at: pieces,
        { $0.select(where: $0 .> 0, otherwise: $0 * 3) }
      ) { ($0 * 3).select(where: $0 .> 0, otherwise: $0) },
      .mistaking(
        "a choice with both branches", at: pieces,
        { $0.exp().select(where: $0 .> 0, otherwise: $0) }
      ) {
        $0.exp() + $0
      },
    ])

  private static let tied = CaseInput.fixed(1, 0.5, 1, -1)
  private static let zeros = CaseInput.fixed(1, 0, -1, 2)
  private static let pieces = CaseInput.fixed(0.6, -0.4, 1.7, -1.2, 0.2, -2.6)
  private static let clamped = CaseInput.fixed(0.5, 0.2, -0.3, 2, 0.7, -0.9, 0.1, 0.4)
  private static let clamp: @Sendable (Tensor) -> Tensor = { $0.clamped(to: -1...1) }

  /// Where each of 0.3, 2, −1, 0.9, 1.4 comes from in ascending order.
  private static let order = Tensor.places(2, 0, 3, 4, 1)

  private static func ascending(_ x: Tensor) -> Tensor {
    Tensor([Double](x).sorted(), shape: x.shape, dtype: x.dtype)
  }

  /// Each element of [1, 1, N] twice.
  private static func enlarged(_ x: Tensor) -> Tensor {
    x.expanded(at: 3).broadcast(to: x.shape + [2]).reshaped(to: [1, 1, 2 * x.count])
  }
}
