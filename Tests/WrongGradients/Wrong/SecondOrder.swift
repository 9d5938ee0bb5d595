import Adjoint
import AdjointCheck

extension CaseKind {
  /// Gradients that are right, and whose own derivatives are wrong.
  static let secondOrder = CaseKind(
    "second order",
    [
      GradientCase(
        RuleOperation("right at first order, wrong at second", { $0[0].power(3) }) { rule in
          let (x, g) = (rule.input(0), rule.cotangent)
          rule.set(0, to: g * 3 * x * x.stoppingGradient())
        }, [[2, 3]], order: 2),
      .unary(
        "a variance whose mean is detached", at: .normal(5), result: [], order: 2,
        { $0.variance() }
      ) { x, _, g in g * (2 / Double(x.count)) * (x - x.mean().stoppingGradient()) },
      second("a derivative stopped altogether", { $0.sin() }) { $0.cos().stoppingGradient() },
      second("tanh′ from an output that is stopped", { $0.tanh() }) {
        1 - $0.tanh().stoppingGradient().squared()
      },
      second("sigmoid′ with one factor stopped", { $0.sigmoid() }) {
        $0.sigmoid() * (1 - $0.sigmoid()).stoppingGradient()
      },
      .unary("a cotangent stopped", order: 2, { $0.exp() }) { x, _, g in
        g.stoppingGradient() * x.exp()
      },
      .rule(
        "a product with one factor stopped", at: [.normal(3), .normal(3)], order: 2,
        { $0[0] * $0[1] }
      ) { rule in
        let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
        rule.set(0, to: g * b)
        rule.set(1, to: g * a.stoppingGradient())
      },
      .unary(
        "softmax with its output stopped", at: .normal(2, 3), order: 2, { $0.softmax() }
      ) { _, y, g in
        let y = y.stoppingGradient()
        return y * (g - (g * y).sum(over: [1], keepingAxes: true))
      },
      .unary(
        "a norm's length stopped", at: .normal(4), result: [], order: 2, { $0.norm() }
      ) { x, y, g in g * x / y.stoppingGradient() },
      .unary(
        "a norm of rows by a rule of its own", at: .normal(3, 2), result: [3], order: 2,
        { $0.norm(over: [1]) }
      ) { x, _, g in g.expanded(at: 1) * hidden(x) },
      .rule(
        "a product by a rule whose kernel has no gradient", at: [.normal(3), .normal(3)],
        order: 2, { $0[0] * $0[1] }
      ) { rule in
        let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
        rule.set(0, to: g * b)
        rule.set(1, to: g * copy(a))
      },
      .rule(
        "a Hessian that is not symmetric", at: [.normal(3), .normal(3)], order: 2,
        { ($0[0] * $0[1]).sin() }
      ) { rule in
        let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
        rule.set(0, to: g * (a * b).cos() * b)
        rule.set(1, to: g * (a * b).cos().stoppingGradient() * a)
      },
      second("a curvature that is right at 1 only", at: .full(3, of: 1), { $0.power(3) }) { x in
        let fixed = x.stoppingGradient()
        return fixed.squared() * 3 + (x - fixed) * 6
      },
      .unary("a derivative with a term that is 0", order: 2, { $0.exp() }) { x, y, g in
        // x − x is 0, but its slope is not, if the second x is fixed.
        g * y * (1 + x - x.stoppingGradient())
      },
    ])

  private static func second(
    _ name: String, at input: CaseInput = .normal(3, 2),
    _ function: @escaping @Sendable (Tensor) -> Tensor,
    derivative: @escaping @Sendable (Tensor) -> Tensor
  ) -> GradientCase {
    .slope(name, at: input, order: 2, function, derivative: derivative)
  }

  /// A copy that passes no gradient on.
  private static func copy(_ x: Tensor) -> Tensor {
    let operation = RuleOperation("copy", { $0[0] }, pullback: { _ in })
    return operation(x)
  }

  /// x/‖x‖ of rows, whose own pullback forgets the projection.
  private static func hidden(_ x: Tensor) -> Tensor {
    let operation = RuleOperation(
      "unit rows", { $0[0] / $0[0].norm(over: [1], keepingAxes: true) },
      pullback: { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        rule.set(0, to: g / x.norm(over: [1], keepingAxes: true))
      })
    return operation(x)
  }
}
