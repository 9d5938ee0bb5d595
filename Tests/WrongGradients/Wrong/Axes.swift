import Adjoint
import AdjointCheck

extension CaseKind {
  /// Broadcasts that are reduced wrongly, and axes taken for one another.
  static let axes = CaseKind(
    "axes and broadcasts",
    [
      GradientCase(
        RuleOperation("a broadcast reduced over the wrong axis of a square", product) { rule in
          let (x, row, g) = (rule.input(0), rule.input(1), rule.cotangent)
          rule.set(0, to: g * row)
          rule.set(1, to: (g * x).sum(over: [1]))
        }, [[4, 4], [4]]),
      GradientCase(
        RuleOperation("a broadcast reduced by the mean", product) { rule in
          let (x, row, g) = (rule.input(0), rule.input(1), rule.cotangent)
          rule.set(0, to: g * row)
          rule.set(1, to: (g * x).mean(over: [0]))
        }, [[5, 4], [4]], looksLike: .factor),
      GradientCase(
        RuleOperation("a broadcast not reduced at all", product) { rule in
          let (x, row, g) = (rule.input(0), rule.input(1), rule.cotangent)
          rule.set(0, to: g * row)
          rule.set(1, to: g * x)
        }, [[5, 4], [4]]),
      broadcast("a leading axis, of which the first row counts", [1, 4]) { $0[0..<1] },
      broadcast("a leading axis, of which the last row counts", [1, 4]) { $0[2..<3] },
      broadcast("a leading axis reduced by the largest", [1, 4]) {
        $0.max(over: [0], keepingAxes: true)
      },
      broadcast("a trailing axis reduced by the mean", [3, 1], looksLike: .factor) {
        $0.mean(over: [1], keepingAxes: true)
      },
      broadcast("a trailing axis, of which the last column counts", [3, 1]) {
        $0.slice(3..<4, along: 1)
      },
      broadcast("rank 0 reduced by the mean", [], looksLike: .factor) { $0.mean() },
      broadcast("rank 0 reduced over one axis", [], looksLike: nil) {
        $0.sum(over: [0]).mean()
      },
      broadcast("rank 0 as the first element times the count", []) { $0[0][0] * 12 },
      .rule(
        "a middle axis reduced by one slice times the count",
        at: [.normal(2, 4, 3), .normal(2, 1, 3)], product
      ) { rule in
        let (x, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
        rule.set(0, to: g * b)
        rule.set(1, to: (g * x).slice(1..<2, along: 1) * 4)
      },
      .rule(
        "two broadcast axes exchanged on a square", at: [.normal(3, 3), .normal(3, 1)], product
      ) { rule in
        let (x, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
        rule.set(0, to: g * b)
        rule.set(1, to: (g * x).sum(over: [0]).reshaped(to: [3, 1]))
      },
      .mistaking(
        "a mean over the wrong axis of a square", at: .normal(4, 4), result: [4],
        looksLike: .order, { $0.mean(over: [0]) }
      ) { $0.mean(over: [1]) },
      .mistaking(
        "a sum over the wrong axis of squares", at: .normal(3, 3), result: [3],
        { $0.squared().sum(over: [0]) }
      ) { $0.squared().sum(over: [1]) },
      .mistaking(
        "a softmax along the wrong axis of a square", at: .normal(3, 3),
        { $0.softmax(along: 0) }
      ) { $0.softmax(along: 1) },
      .mistaking(
        "a maximum over the wrong axis of a square", at: .normal(6, 6), result: [6],
        { $0.max(over: [1]) }
      ) { $0.max(over: [0]) },
      .mistaking(
        "a variance over the wrong axis of a square", at: .normal(4, 4), result: [4],
        { $0.variance(over: [1]) }
      ) { $0.variance(over: [0]) },
      .mistaking(
        "a transpose of a square forgotten", at: .normal(4, 4), looksLike: .order,
        { $0.transposed() }
      ) { $0 },
      .mistaking(
        "a permutation of a cube for its inverse", at: .normal(2, 2, 2), looksLike: .order,
        { $0.transposed([1, 2, 0]) }
      ) { $0.transposed([2, 0, 1]) },
      .mistaking(
        "a reshape that mixes the order", at: .normal(2, 3), result: [3, 2],
        looksLike: .order, { $0.reshaped(to: [3, 2]) }
      ) { $0.transposed() },
      .mistaking(
        "channels last taken for channels first", at: [.normal(3, 3, 2), .normal(3)], only: 1,
        { $0[0] * $0[1].reshaped(to: [3, 1]) }
      ) { $0[0] * $0[1].reshaped(to: [3, 1, 1]) },
    ])

  private static let product: @Sendable ([Tensor]) -> Tensor = { $0[0] * $0[1] }

  /// x·b with x [3, 4], and how the cotangents of a broadcast b are reduced.
  private static func broadcast(
    _ name: String, _ shape: [Int], looksLike pattern: Diagnosis.Pattern? = nil,
    reduced: @escaping @Sendable (Tensor) -> Tensor
  ) -> GradientCase {
    let input = CaseInput.normal(shape.reduce(1, *)).map { $0.reshaped(to: shape) }
    return .rule(name, at: [.normal(3, 4), input], looksLike: pattern, product) { rule in
      let (x, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
      rule.set(0, to: g * b)
      rule.set(1, to: reduced(g * x))
    }
  }
}
