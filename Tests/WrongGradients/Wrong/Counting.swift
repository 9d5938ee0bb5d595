import Adjoint
import AdjointCheck

extension CaseKind {
  /// Mistakes of counting and adding up.
  static let counting = CaseKind(
    "counting and adding up",
    [
      GradientCase(
        RuleOperation("factor 2", { $0[0].sin() }) { rule in
          let (x, g) = (rule.input(0), rule.cotangent)
          rule.set(0, to: g * x.cos() * 2)
        }, [[3, 4]], looksLike: .factor),
      GradientCase(
        RuleOperation("wrong sign", { $0[0].sin() }) { rule in
          let (x, g) = (rule.input(0), rule.cotangent)
          rule.set(0, to: -g * x.cos())
        }, [[3, 4]], looksLike: .sign),
      GradientCase(
        RuleOperation("no gradient", { $0[0].sin() }) { _ in }, [[3, 4]], looksLike: .zero),
      GradientCase(
        RuleOperation(
          "wrong count in a mean", types: { [$0[0].with(shape: [$0[0].shape[1]])] },
          outputs: { [$0[0].squared().mean(over: [0])] }
        ) { rule in
          let (x, g) = (rule.input(0), rule.cotangent)
          rule.set(0, to: (g * 2 * x) / Double(x.shape[1]))
        }, [[6, 3]], looksLike: .factor),
      GradientCase(
        RuleOperation("a variable used twice, overwritten", { $0[0].squared() }) { rule in
          let (x, g) = (rule.input(0), rule.cotangent)
          rule.set(0, to: g * x)
        }, [[3, 4]], looksLike: .factor),
      GradientCase(
        RuleOperation("a linear function off by 1e-12", { $0[0] * 2 }) { rule in
          let g = rule.cotangent
          rule.set(0, to: g * (2 * (1 + 1e-12)))
        }, [[3, 4]]),
      .slope("factor 1/2", looksLike: .factor, { $0.exp() }) { $0.exp() * 0.5 },
      .slope("a factor of 1 + 1e-6", { $0.exp() }) { $0.exp() * (1 + 1e-6) },
      .slope("a factor of 1 + 1e-3", looksLike: .factor, { $0.tanh() * 3 }) {
        (1 - $0.tanh().squared()) * 3.003
      },
      .slope("a sum of uses of which one is lost", { $0 * $0.exp() }) { $0.exp() },
      .slope("no gradient of a bump", looksLike: .zero, { (-$0.squared()).exp() }) {
        .zeros(like: $0)
      },
      .slope("no gradient of tanh′", looksLike: .zero, { 1 - $0.tanh().squared() }) {
        .zeros(like: $0)
      },
      .slope("no gradient of a step that is smooth", looksLike: .zero, { ($0 * 3).sigmoid() }) {
        .zeros(like: $0)
      },
      .slope("three uses, counted twice", looksLike: .factor, { $0.power(3) }) {
        $0.squared() * 2
      },
      .mistaking(
        "n − 1 for n in a variance", at: .normal(5), result: [], looksLike: .factor,
        { $0.variance() }
      ) { $0.variance(correction: 1) },
      .mistaking(
        "n for n − 1 in a deviation", at: .normal(4, 3), result: [3], looksLike: .factor,
        { $0.standardDeviation(over: [0], correction: 1) }
      ) { $0.standardDeviation(over: [0]) },
      .mistaking(
        "a mean taken for a sum", at: .normal(6), result: [], looksLike: .factor,
        { $0.sin().mean() }
      ) { $0.sin().sum() },
      .mistaking(
        "a sum divided by the batch only", at: .normal(4, 3), result: [], looksLike: .factor,
        { $0.squared().mean() }
      ) { $0.squared().sum() / Double($0.shape[0]) },
      .unary(
        "a sum whose first element is lost", at: .normal(6), result: [], looksLike: .border,
        { $0.exp().sum() }
      ) { x, _, g in
        let rest = x[1..<x.count].exp()
        return g * .concatenated([.zeros(like: rest[0..<1]), rest], along: 0)
      },
      .unary("the gradient of the number of elements", at: .normal(5), { $0 / 5 }) { _, _, g in
        g * Double(g.count)
      },
      .mistaking(
        "a weighted mean whose weights' sum is a constant",
        at: [.normal(5), .uniform(5, in: 0.5..<2)], result: [], looksLike: .meanTerm,
        { ($0[0] * $0[1]).sum() / $0[1].sum() }
      ) { ($0[0] * $0[1]).sum() / $0[1].sum().stoppingGradient() },
      .mistaking(
        "a product of all, of which each is divided out twice", at: .uniform(4, in: 0.5..<2),
        result: [], { $0.log().sum().exp() }
      ) { $0.reciprocal().sum() * -$0.log().sum().exp().stoppingGradient() },
    ])
}
