import Adjoint
import AdjointCheck

extension CaseKind {
  /// Products, inverses and quadratic forms with a factor, a transpose or a term that is wrong.
  static let linearAlgebra = CaseKind(
    "products and matrices",
    [
      GradientCase(
        RuleOperation("a transposed product of squares", { $0[0].matMul($0[1]) }) { rule in
          let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
          rule.set(0, to: g.matMul(b))
          rule.set(1, to: a.matMul(g, transposingSelf: true))
        }, [[3, 3], [3, 3]]),
      GradientCase(
        RuleOperation("the gradient of a square is transposed", { $0[0].matMul($0[1]) }) { rule in
          let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
          rule.set(0, to: g.matMul(b, transposingOther: true).transposed())
          rule.set(1, to: a.matMul(g, transposingSelf: true))
        }, [[3, 3], [3, 3]], looksLike: .order),
      .mistaking("a product's right factor transposed", at: squares, only: 1, product) {
        $0[0].matMul($0[1].transposed())
      },
      .mistaking("a product in the other order", at: squares, product) { $0[1].matMul($0[0]) },
      .mistaking(
        "a product with a transposed factor", at: squares,
        { $0[0].matMul($0[1], transposingOther: true) }, for: product),
      .mistaking(
        "a product with a transposed left factor", at: squares,
        { $0[0].matMul($0[1], transposingSelf: true) }, for: product),
      .mistaking("a product whose factors were taken for equal", at: squares, product) {
        $0[0].matMul($0[0].stoppingGradient()) + $0[1].stoppingGradient().matMul($0[1])
      },
      .mistaking(
        "the same matrix twice, counted once", at: .normal(3, 3), { $0.matMul($0) }
      ) { $0.matMul($0.stoppingGradient()) },
      .rule(
        "a batch's product not summed over a broadcast batch",
        at: [.normal(2, 2, 3), .normal(3, 2)], result: [2, 2, 2], product
      ) { rule in
        let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
        rule.set(0, to: g.matMul(b, transposingOther: true))
        rule.set(1, to: a[0].matMul(g[0], transposingSelf: true))
      },
      .rule(
        "a batch's product averaged over a broadcast batch",
        at: [.normal(2, 2, 3), .normal(3, 2)], result: [2, 2, 2], looksLike: .factor, product
      ) { rule in
        let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
        rule.set(0, to: g.matMul(b, transposingOther: true))
        rule.set(1, to: a.matMul(g, transposingSelf: true).mean(over: [0]))
      },
      .mistaking(
        "an outer product transposed", at: [.normal(3), .normal(3)], result: [3, 3], outer
      ) { outer($0).transposed() },
      .mistaking("a trace of everything", at: .normal(3, 3), result: [], trace) { $0.sum() },
      .mistaking(
        "a trace of a product, not transposed", at: squares, result: [],
        { trace(product($0)) }
      ) { trace($0[0].matMul($0[1], transposingOther: true)) },
      .mistaking("an inverse without its transposes", at: invertible, inverse) {
        inverse($0.transposed())
      },
      .mistaking(
        "an inverse with the sign of its gradient", at: invertible, looksLike: .sign, inverse
      ) { inverse($0.stoppingGradient()).matMul($0).matMul(inverse($0.stoppingGradient())) },
      .mistaking("an inverse with one of its factors", at: invertible, inverse) {
        -$0.matMul(inverse($0.stoppingGradient()))
      },
      .mistaking(
        "a determinant without its cofactors' signs", at: invertible, result: [], determinant
      ) { $0[0][0] * $0[1][1] + $0[0][1] * $0[1][0] },
      .unary(
        "a determinant's logarithm, not transposed", at: invertible, result: [],
        looksLike: .order, { determinant($0).log() }
      ) { x, _, g in g * inverse(x) },
      .mistaking("a norm without its root", at: .normal(4), result: [], { $0.norm() }) {
        $0.squared().sum() / 2
      },
      .mistaking(
        "a quadratic form with A alone", at: [.normal(3), .normal(3, 3)], only: 0, result: [],
        form
      ) { bilinear($0[0].stoppingGradient(), $0[1], $0[0]) * 2 },
      .mistaking(
        "a quadratic form's matrix transposed", at: [.normal(3), .normal(3, 3)], result: [],
        { bilinear($0[0], $0[1], $0[0].sin()) }
      ) { bilinear($0[0], $0[1].transposed(), $0[0].sin()) },
      .mistaking(
        "a bilinear form with its sides exchanged", at: [.normal(3), .normal(3, 3), .normal(3)],
        only: 1, result: [], looksLike: .order, { bilinear($0[0], $0[1], $0[2]) }
      ) { bilinear($0[2], $0[1], $0[0]) },
      .mistaking(
        "attention without 1/√d in backward", at: heads, result: [3, 4],
        { attention($0, scale: 0.5) }
      ) {
        let (q, k) = ($0[0], $0[1])
        let scores = q.matMul(k, transposingOther: true)
        let shifted = (scores * -0.5).stoppingGradient() + scores
        return shifted.softmax().matMul($0[2])
      },
      .mistaking(
        "attention with its weights fixed", at: heads, result: [3, 4],
        {
          attention($0, scale: 0.5)
        }
      ) {
        attention([$0[0].stoppingGradient(), $0[1].stoppingGradient(), $0[2]], scale: 0.5)
      },
      .mistaking(
        "attention with keys for queries", at: heads, result: [3, 4],
        {
          attention($0, scale: 0.5)
        }
      ) { attention([$0[1], $0[0], $0[2]], scale: 0.5) },
      .mistaking(
        "distances without one of their points", at: [.normal(3, 2), .normal(3, 2)],
        result: [3, 3], distances
      ) { distances([$0[0], $0[1].stoppingGradient()]) },
      .mistaking(
        "a Kronecker product's order", at: [.normal(2, 2), .normal(2, 2)], result: [4, 4],
        kronecker
      ) { kronecker([$0[1], $0[0]]) },
    ])

  private static let squares: [CaseInput] = [.normal(3, 3), .normal(3, 3)]
  private static let heads: [CaseInput] = [.normal(3, 4), .normal(3, 4), .normal(3, 4)]
  /// Near the identity, and not symmetric.
  private static let invertible = CaseInput.normal(2, 2, deviation: 0.2).map {
    $0 + .identity(2, dtype: .float64)
  }

  private static let product: @Sendable ([Tensor]) -> Tensor = { $0[0].matMul($0[1]) }

  private static let outer: @Sendable ([Tensor]) -> Tensor = {
    $0[0].expanded(at: 1) * $0[1].expanded(at: 0)
  }

  @Sendable
  private static func trace(_ x: Tensor) -> Tensor {
    (x * .identity(x.shape[0], dtype: x.dtype)).sum()
  }

  @Sendable
  private static func determinant(_ x: Tensor) -> Tensor {
    x[0][0] * x[1][1] - x[0][1] * x[1][0]
  }

  /// Of two rows and columns, in closed form.
  @Sendable
  private static func inverse(_ x: Tensor) -> Tensor {
    Tensor.stacked([x[1][1], -x[0][1], -x[1][0], x[0][0]]).reshaped(to: [2, 2]) / determinant(x)
  }

  /// aᵀ·X·b.
  private static func bilinear(_ a: Tensor, _ x: Tensor, _ b: Tensor) -> Tensor {
    (a.expanded(at: 1) * x * b).sum()
  }

  private static let form: @Sendable ([Tensor]) -> Tensor = { bilinear($0[0], $0[1], $0[0]) }

  private static func attention(_ x: [Tensor], scale: Double) -> Tensor {
    (x[0].matMul(x[1], transposingOther: true) * scale).softmax().matMul(x[2])
  }

  /// The squared distances of all pairs.
  private static let distances: @Sendable ([Tensor]) -> Tensor = {
    ($0[0].expanded(at: 1) - $0[1].expanded(at: 0)).squared().sum(over: [2])
  }

  private static let kronecker: @Sendable ([Tensor]) -> Tensor = {
    ($0[0].reshaped(to: [2, 1, 2, 1]) * $0[1].reshaped(to: [1, 2, 1, 2])).reshaped(to: [4, 4])
  }
}
