import Adjoint
import AdjointCheck

extension CaseKind {
  /// Rules that treat some combination of wanted inputs, of cotangents or of operands apart, wrongly.
  static let combinations = CaseKind(
    "combinations",
    [
      inputs("wrong when exactly two of three inputs are wanted") { $0.count == 2 },
      inputs("wrong when the first and the last of three are wanted") { $0 == [0, 2] },
      inputs("wrong when the first two of three are wanted") { $0 == [0, 1] },
      inputs("wrong when the second of three alone is wanted") { $0 == [1] },
      inputs("wrong when one of three alone is wanted") { $0.count == 1 },
      inputs("wrong when the last of three is not wanted") { !$0.contains(2) },
      inputs("wrong when all of three are wanted") { $0.count == 3 },
      outputs("wrong when output 0 of three alone has a cotangent") { $0 == [0] },
      outputs("wrong when one of three outputs alone has a cotangent") { $0.count == 1 },
      outputs("wrong when output 1 of three has no cotangent") { !$0.contains(1) },
      outputs("wrong when outputs 0 and 2 of three have cotangents") { $0 == [0, 2] },
      outputs("wrong when exactly two of three outputs have cotangents") { $0.count == 2 },
      outputs("wrong when all of three outputs have cotangents") { $0.count == 3 },
      pair("a missing cotangent taken for ones") { rule in
        let g = rule.hasCotangent(1) ? rule.cotangent(1) : .ones(like: rule.output(1))
        return (rule.cotangent(0), g)
      },
      pair("a missing cotangent taken for the other one") { rule in
        (rule.cotangent(0), rule.cotangent(rule.hasCotangent(1) ? 1 : 0))
      },
      pair("a cotangent ignored that is small beside the other one") { rule in
        let (g, h) = (rule.cotangent(0), rule.cotangent(1))
        return (g, h.select(where: h.magnitude() .> g.magnitude() * 1e-3, otherwise: 0))
      },
      pair("cotangents exchanged") { rule in (rule.cotangent(1), rule.cotangent(0)) },
      pair("the second output's cotangent ignored") { rule in
        (rule.cotangent(0), .zeros(like: rule.cotangent(0)))
      },
      operands("wrong where two operands hold equal values", at: [.normal(4), .normal(4)]) {
        1 + ($0 .== $1).cast(to: $0.dtype) * 0.5
      },
      operands(
        "wrong where two operands are equal, as some are",
        at: [.fixed(0.5, 2, -1, 3), .fixed(0.5, 1, 2, 3)]
      ) { 1 + ($0 .== $1).cast(to: $0.dtype) * 0.5 },
      operands("wrong when the same tensor is passed twice", at: [.normal(4), .normal(4)]) {
        $0.isSameValue(as: $1) ? .full($0.shape, 0.5, dtype: $0.dtype) : .ones(like: $0)
      },
      .rule(
        "one gradient lost when the same tensor is passed twice", at: [.normal(4), .normal(4)],
        { $0[0] * $0[1].sin() }
      ) { rule in
        let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
        if !a.isSameValue(as: b) { rule.set(0, to: g * b.sin()) }
        rule.set(1, to: g * a * b.cos())
      },
      .rule(
        "wrong when the first and the third are the same tensor",
        at: [.normal(3), .normal(3), .normal(3)], { $0[0] * $0[1] + $0[2].sin() }
      ) { rule in
        let (a, b, c, g) = (rule.input(0), rule.input(1), rule.input(2), rule.cotangent)
        rule.set(0, to: g * b)
        rule.set(1, to: g * a)
        rule.set(2, to: a.isSameValue(as: c) ? g * b : g * c.cos())
      },
      .rule(
        "wrong where three inputs hold equal values",
        at: [.normal(3), .normal(3), .normal(3)], { $0[0] * $0[1] + $0[2].sin() }
      ) { rule in
        let (a, b, c, g) = (rule.input(0), rule.input(1), rule.input(2), rule.cotangent)
        let factor = 1 + ((a .== b) .& (b .== c)).cast(to: a.dtype) * 0.5
        rule.set(0, to: g * b * factor)
        rule.set(1, to: g * a)
        rule.set(2, to: g * c.cos())
      },
      .rule(
        "wrong when all of six but the first are wanted", at: (0..<6).map { _ in .normal(2) },
        { $0.dropFirst().reduce($0[0].sin()) { $0 + $1.sin() } }
      ) { rule in
        let isWrong = !rule.wants(0) && (1..<6).allSatisfy { rule.wants($0) }
        let factor = isWrong ? 1.5 : 1
        for place in 0..<6 {
          let (x, g) = (rule.input(place), rule.cotangent)
          rule.set(place, to: g * x.cos() * factor)
        }
      },
    ])

  /// a·b + sin c, whose cotangents are off by half for some sets of wanted inputs.
  private static func inputs(
    _ name: String, isWrong: @escaping @Sendable (Set<Int>) -> Bool
  ) -> GradientCase {
    .rule(
      name, at: [.normal(3), .normal(3), .normal(3)], { $0[0] * $0[1] + $0[2].sin() },
      pullback: { rule in
        let (a, b, c, g) = (rule.input(0), rule.input(1), rule.input(2), rule.cotangent)
        let wanted = Set((0..<3).filter { rule.wants($0) })
        let factor = isWrong(wanted) ? 1.5 : 1
        rule.set(0, to: g * b * factor)
        rule.set(1, to: g * a * factor)
        rule.set(2, to: g * c.cos() * factor)
      })
  }

  /// The outputs sin x, cos x and eˣ, the gradient of which is off by half for some sets of outputs that
  /// have cotangents.
  private static func outputs(
    _ name: String, isWrong: @escaping @Sendable (Set<Int>) -> Bool
  ) -> GradientCase {
    several(name, count: 3) {
      [$0.sin(), $0.cos(), $0.exp()]
    } cotangent: { rule in
      let x = rule.input(0)
      let present = Set((0..<3).filter { rule.hasCotangent($0) })
      let (g, h, k) = (rule.cotangent(0), rule.cotangent(1), rule.cotangent(2))
      return (g * x.cos() - h * x.sin() + k * x.exp()) * (isWrong(present) ? 1.5 : 1)
    }
  }

  /// The outputs sin x and eˣ, with what is taken for their cotangents.
  private static func pair(
    _ name: String, cotangents: @escaping @Sendable (Pullback) -> (Tensor, Tensor)
  ) -> GradientCase {
    several(name, count: 2) {
      [$0.sin(), $0.exp()]
    } cotangent: { rule in
      let (x, cotangents) = (rule.input(0), cotangents(rule))
      return cotangents.0 * x.cos() + cotangents.1 * x.exp()
    }
  }

  private static func several(
    _ name: String, count: Int, outputs: @escaping @Sendable (Tensor) -> [Tensor],
    cotangent: @escaping @Sendable (Pullback) -> Tensor
  ) -> GradientCase {
    let operation = RuleOperation(
      name, types: { Array(repeating: $0[0], count: count) }, outputs: { outputs($0[0]) },
      pullback: { rule in
        let dx = cotangent(rule)
        rule.set(0, to: dx)
      })
    return GradientCase(name) { seed in
      checkGradients(of: operation, at: [CaseInput.normal(4)].drawn(seed), seed: seed)
    }
  }

  /// a·sin b, with a factor of its gradients that depends on the operands.
  private static func operands(
    _ name: String, at inputs: [CaseInput],
    factor: @escaping @Sendable (Tensor, Tensor) -> Tensor
  ) -> GradientCase {
    .rule(
      name, at: inputs, { $0[0] * $0[1].sin() },
      pullback: { rule in
        let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
        let factor = factor(a, b)
        rule.set(0, to: g * b.sin() * factor)
        rule.set(1, to: g * a * b.cos() * factor)
      })
  }
}
