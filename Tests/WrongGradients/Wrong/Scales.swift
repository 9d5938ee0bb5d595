import Adjoint
import AdjointCheck

extension CaseKind {
  /// Mistakes in what is small, beside what is large and right.
  static let scales = CaseKind(
    "small beside large",
    [
      GradientCase(
        RuleOperation("errors beside gradients of 1e6", { $0[0] * 1e6 + $0[1].sin() }) { rule in
          let (b, g) = (rule.input(1), rule.cotangent)
          rule.set(0, to: g * 1e6)
          rule.set(1, to: g * b.cos() * 1.01)
        }, [[3, 2], [3, 2]], looksLike: .factor),
      GradientCase(
        RuleOperation("errors at a scale of 1e-6", { ($0[0] * 1e6).sin() * 1e-6 }) { rule in
          let (x, g) = (rule.input(0), rule.cotangent)
          rule.set(0, to: g * (x * 1e6).cos() * 1.001)
        }, [[3, 2]], looksLike: .factor, scale: 1e-6),
      .rule(
        "a sine of 2⁹ periods whose gradient is forgotten beside x²", at: [.normal(3, 2)],
        result: [3, 2],
        { $0[0].squared() + ($0[0] * (0x1p10 * Double.pi)).sin() }
      ) { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        rule.set(0, to: g * x * 2)
      },
      .rule(
        "a sine of 2²⁰ periods whose gradient is forgotten beside x²", at: [.normal(3, 2)],
        result: [3, 2],
        { $0[0].squared() + ($0[0] * (0x1p21 * Double.pi)).sin() }
      ) { rule in
        let (x, g) = (rule.input(0), rule.cotangent)
        rule.set(0, to: g * x * 2)
      },
      elements("elements of 1e-8 off by half beside some of 1e8", [1e8, 1e8, 1e-8, 1e-8], 0.5),
      elements("elements of 1e-3 off by half beside some of 1e3", [1e3, 1e3, 1e-3, 1e-3], 0.5),
      elements("an element of 1e-6 off by 1 %", [1e6, 1, 1, 1e-6], 0.01, last: 1),
      elements("an element of 1e-12 off by 1 %", [1, 1, 1, 1e-12], 0.01, last: 1),
      .rule(
        "1 % of the smaller of two terms of a loss", at: [.normal(3), .normal(3)], result: [],
        looksLike: .factor, { $0[0].sin().sum() * 1e6 + $0[1].sin().sum() }
      ) { rule in
        let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
        rule.set(0, to: g * a.cos() * 1e6)
        rule.set(1, to: g * b.cos() * 1.01)
      },
      .rule(
        "the smallest of three terms of a loss, halved",
        at: [.normal(2), .normal(2), .normal(2)], result: [], looksLike: .factor,
        {
          $0[0].sin().sum() * 1e3 + $0[1].sin().sum() + $0[2].sin().sum() * 1e-3
        }
      ) { rule in
        let (a, b, c, g) = (rule.input(0), rule.input(1), rule.input(2), rule.cotangent)
        rule.set(0, to: g * a.cos() * 1e3)
        rule.set(1, to: g * b.cos())
        rule.set(2, to: g * c.cos() * 0.5e-3)
      },
      outputs("the smallest of three outputs off by half", [1e6, 1, 1e-6], errors: [0, 0, 0.5]),
      outputs("the smaller of two outputs off by half", [1e8, 1e-8], errors: [0, 0.5]),
      outputs("1 % of the smaller of two outputs", [1e4, 1e-4], errors: [0, 0.01]),
      .mistaking(
        "a penalty of 1e-6 without its 2", at: .normal(5), result: [],
        { $0.sin().squared().sum() + $0.squared().sum() * 1e-6 }
      ) { $0.sin().squared().sum() + $0.squared().sum() * 0.5e-6 },
      .mistaking(
        "a penalty of 1e-4 forgotten", at: .normal(5), result: [],
        { $0.exp().sum() + $0.magnitude().sum() * 1e-4 }
      ) { $0.exp().sum() },
      .mistaking(
        "1 % of a bias beside weights of 1e3",
        at: [.normal(3, 4, deviation: 1e3), .normal(2, 4), .normal(2)], only: 2,
        result: [3, 2], looksLike: .factor, affine
      ) { affine($0) * 1.01 },
      .mistaking(
        "a bias lost beside weights of 1e6",
        at: [.normal(3, 4, deviation: 1e6), .normal(2, 4), .normal(2)], only: 2,
        result: [3, 2], looksLike: .zero, affine
      ) { affine([$0[0], $0[1], $0[2].stoppingGradient()]) },
      .unary("1 % of one element of 64", at: .normal(8, 8), looksLike: .fewElements, { $0.sin() }) {
        x, _, g in g * x.cos() * (1 + onlyElement(29, of: [8, 8], g) * 0.01)
      },
      .unary("a factor 2 in one element of 600", at: .normal(600), { $0.sin() }) { x, _, g in
        g * x.cos() * (1 + onlyElement(401, of: [600], g))
      },
      oneOfMany("half of one element of 1e-6 among 2000", 1e-6),
      oneOfMany("half of one element of 1e-10 among 2000", 1e-10),
      oneOfMany("half of one element of 1e-7 in a sum of 2000", 1e-7, isSummed: true),
      .unary(
        "half of one of 900 elements of 1e-14 among 1000", at: .normal(1000),
        { $0.sin() * mostlySmall($0) }
      ) { x, _, g in
        g * x.cos() * mostlySmall(g) * (1 + onlyElement(555, of: [1000], g) * 0.5)
      },
      .unary(
        "a channel of 1e-6 off by 1 %", at: .normal(4, 3),
        {
          ($0 * channels($0)).sin()
        }
      ) { x, _, g in
        g * (x * channels(x)).cos() * channels(x) * (1 + onlyElement(2, of: [3], g) * 0.01)
      },
      .rule(
        "rows of 1e-4 of a product off by 1e-3", at: [.normal(3, 2), .normal(2, 2)],
        {
          ($0[0] * rows($0[0])).matMul($0[1])
        }
      ) { rule in
        let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
        let product = g.matMul(b, transposingOther: true) * rows(a)
        rule.set(0, to: product * (1 + onlyElement(2, of: [3, 1], g) * 1e-3))
        rule.set(1, to: (a * rows(a)).matMul(g, transposingSelf: true))
      },
      .slope("1 % beside an offset of 1e6", looksLike: .factor, { 1e6 + $0.sin() }) {
        $0.cos() * 1.01
      },
      .unary(
        "the smallest two of exponentials from 1e-8 to 1e8",
        at: .fixed(-18, -12, -6, 0, 6, 12, 18), { $0.exp() }
      ) { x, y, g in g * y * (1 + (x .< -10).cast(to: x.dtype) * 0.5) },
      .unary(
        "small differences of large numbers", at: .normal(4, mean: 1e5), looksLike: .factor,
        {
          ($0 - 1e5).sin()
        }
      ) { x, _, g in g * (x - 1e5).cos() * 1.001 },
    ])

  /// sin x times a factor for each element, with a relative error in the last ones.
  private static func elements(
    _ name: String, _ factors: [Double], _ error: Double, last count: Int = 2
  ) -> GradientCase {
    let errors = factors.indices.map { $0 < factors.count - count ? 1 : 1 + error }
    return .unary(
      name, at: .normal(factors.count), { $0.sin() * Tensor(factors, dtype: $0.dtype) },
      cotangent: { x, _, g in
        g * x.cos() * Tensor(factors, dtype: g.dtype) * Tensor(errors, dtype: g.dtype)
      })
  }

  /// sin x of 2000 elements, of which one has a small factor and half of its derivative too much.
  private static func oneOfMany(
    _ name: String, _ size: Double, isSummed: Bool = false
  ) -> GradientCase {
    @Sendable func factors(_ factor: Double, _ like: Tensor) -> Tensor {
      1 + onlyElement(1234, of: [2000], like) * (factor - 1)
    }
    return .unary(
      name, at: .normal(2000), result: isSummed ? [] : nil,
      { x in
        let y = x.sin() * factors(size, x)
        return isSummed ? y.sum() : y
      },
      cotangent: { x, _, g in g * x.cos() * factors(1.5 * size, x) })
  }

  /// The outputs sin x, each times a factor, with a relative error in what each gives x.
  private static func outputs(
    _ name: String, _ factors: [Double], errors: [Double]
  ) -> GradientCase {
    let operation = RuleOperation(
      name, types: { inputs in factors.map { _ in inputs[0] } },
      outputs: { inputs in factors.map { inputs[0].sin() * $0 } },
      pullback: { rule in
        let x = rule.input(0)
        let parts = factors.indices.map { rule.cotangent($0) * (factors[$0] * (1 + errors[$0])) }
        rule.set(0, to: x.cos() * parts.dropFirst().reduce(parts[0], +))
      })
    return GradientCase(name) { seed in
      checkGradients(of: operation, at: [CaseInput.normal(4)].drawn(seed), seed: seed)
    }
  }

  private static let affine: @Sendable ([Tensor]) -> Tensor = {
    $0[0].affine(weight: $0[1], bias: $0[2])
  }

  /// 1 at one place and 0 elsewhere.
  private static func onlyElement(_ place: Int, of shape: [Int], _ like: Tensor) -> Tensor {
    let count = shape.reduce(1, *)
    return Tensor((0..<count).map { $0 == place ? 1 : 0 }, shape: shape, dtype: like.dtype)
  }

  /// 1e-14 in 900 of 1000 elements, and 1 in the others.
  private static func mostlySmall(_ like: Tensor) -> Tensor {
    Tensor((0..<1000).map { $0 < 900 ? 1e-14 : 1 }, dtype: like.dtype)
  }

  private static func channels(_ like: Tensor) -> Tensor {
    Tensor([1e3, 1, 1e-6], dtype: like.dtype)
  }

  private static func rows(_ like: Tensor) -> Tensor {
    Tensor([1e4, 1, 1e-4], shape: [3, 1], dtype: like.dtype)
  }
}
