import Adjoint
import AdjointCheck

extension CaseKind {
  /// Operations that only move elements, whose gradients are moved to the wrong place.
  static let moves = CaseKind(
    "moved and indexed elements",
    [
      GradientCase("a duplicate index of gather, overwritten", looksLike: .border) { seed in
        let operation = RuleOperation(
          "gather", result: [3, 2], { $0[0].gather($0[1], along: 0) }
        ) { rule in
          let g = rule.cotangent
          // Row 2 gets the last of its two cotangents only.
          let rows = [g[0], Tensor.zeros(like: g[0]), g[2]]
          rule.set(0, to: .stacked(rows))
        }
        let x = [CaseInput.normal(3, 2), .integers(0, 2, 2)].drawn(seed)
        return checkGradients(of: operation, at: x, seed: seed)
      },
      GradientCase(
        RuleOperation("a border skipped", { blurred($0[0]) }) { rule in
          let inner = blurred(rule.cotangent)
          let last = inner.shape[1] - 1
          rule.set(
            0, to: inner.slice(0..<last, along: 1).padded(before: [0, 0], after: [0, 1]))
        }, [[2, 6]], looksLike: .border),
      .mistaking(
        "gather along the wrong axis of a square", at: [.normal(3, 3), .integers(2, 0, 1)],
        { $0[0].gather($0[1], along: 0) }
      ) { $0[0].gather($0[1], along: 1) },
      .mistaking(
        "the inverse of a gather's places", at: [.normal(4, 2), .integers(2, 0, 3, 1)],
        looksLike: .order, { $0[0].gather($0[1], along: 0) }
      ) { $0[0].gather(Tensor.places(1, 3, 0, 2), along: 0) },
      .rule(
        "the mean of a repeated index's cotangents", at: [.normal(3, 2), .integers(1, 1, 0, 1)],
        result: [4, 2], { $0[0].gather($0[1], along: 0) }
      ) { rule in
        let g = rule.cotangent
        rule.set(0, to: .stacked([g[2], (g[0] + g[1] + g[3]) / 3, .zeros(like: g[0])]))
      },
      .unary(
        "an overwritten element of a scatter keeps its cotangent", at: .normal(4),
        result: [3], looksLike: .border, { Tensor.stacked([$0[1], $0[2], $0[3]]) }
      ) { _, _, g in .concatenated([g[0..<1], g], along: 0) },
      .mistaking(
        "cumulative sums not reversed", at: .normal(5),
        { triangle(5, $0).matMul($0.expanded(at: 1)).reshaped(to: [5]) }
      ) { triangle(5, $0).matMul($0.expanded(at: 1), transposingSelf: true).reshaped(to: [5]) },
      .mistaking(
        "cumulative sums without their own element", at: .normal(5),
        { triangle(5, $0).matMul($0.expanded(at: 1)).reshaped(to: [5]) }
      ) {
        (triangle(5, $0) - .identity(5, dtype: $0.dtype)).matMul($0.expanded(at: 1))
          .reshaped(to: [5])
      },
      .mistaking(
        "differences without the last", at: .normal(6), result: [5], looksLike: .border,
        differences
      ) { differences(.concatenated([$0[0..<5], $0[5..<6].stoppingGradient()], along: 0)) },
      .mistaking("a shift in its own direction", at: .normal(5), { shifted($0, by: 1) }) {
        shifted($0, by: -1)
      },
      .mistaking(
        "a rotation by one too far", at: .normal(5), looksLike: .order, { rotated($0, by: 1) }
      ) { rotated($0, by: 2) },
      .mistaking("a reversal forgotten", at: .normal(5), looksLike: .order, reversed) { $0 },
      .mistaking(
        "a slice at the wrong offset", at: .normal(5), result: [3], { $0[1..<4] }
      ) { $0[2..<5] },
      .mistaking(
        "every second element, taken for the first half", at: .normal(6), result: [3],
        { $0.slice(0..<6, along: 0, step: 2) }
      ) { $0[0..<3] },
      .mistaking(
        "pieces of a concatenation exchanged", at: [.normal(3), .normal(3)], result: [6],
        { .concatenated([$0[0].sin(), $0[1]], along: 0) }
      ) { .concatenated([$0[1], $0[0].sin()], along: 0) },
      .mistaking(
        "rows of a stack exchanged", at: [.normal(2), .normal(2), .normal(2)], result: [3, 2],
        { Tensor.stacked($0) }
      ) { Tensor.stacked([$0[0], $0[2], $0[1]]) },
      .mistaking(
        "padding at the other end", at: .normal(4), result: [6],
        { $0.padded(before: [2], after: [0]) }
      ) { $0.padded(before: [0], after: [2]) },
      .mistaking(
        "a tile's first copy alone", at: .normal(3), result: [6],
        {
          .concatenated([$0, $0], along: 0)
        }
      ) { .concatenated([$0, $0.stoppingGradient()], along: 0) },
      .mistaking(
        "an enlargement reduced by the mean", at: .normal(2, 2), result: [2, 4],
        looksLike: .factor, { enlarged($0) }
      ) { enlarged($0) / 2 },
      .mistaking(
        "a diagonal whose gradient is everywhere", at: .normal(3, 3), result: [3],
        { ($0 * .identity(3, dtype: $0.dtype)).sum(over: [1]) }
      ) { $0.sum(over: [1]) },
      .mistaking("a triangle's mask forgotten", at: .normal(4, 4), { $0 * triangle(4, $0) }) {
        $0
      },
      .mistaking(
        "a triangle of the transpose", at: .normal(3, 3), { $0 * triangle(3, $0) }
      ) { $0.transposed() * triangle(3, $0).transposed() },
    ])

  /// (x₋₁ + 2·x₀ + x₁)/4 along axis 1, with zeros outside: its own transpose.
  private static func blurred(_ x: Tensor) -> Tensor {
    let extent = x.shape[1]
    let padded = x.padded(before: [0, 1], after: [0, 1])
    func shifted(_ by: Int) -> Tensor { padded.slice(by..<by + extent, along: 1) }
    return (shifted(0) + shifted(1) * 2 + shifted(2)) * 0.25
  }

  /// Ones on and below the diagonal, of the type of another tensor.
  private static func triangle(_ extent: Int, _ like: Tensor) -> Tensor {
    let places = Tensor.range(0..<extent)
    return (places.expanded(at: 1) .>= places).cast(to: like.dtype)
  }

  @Sendable
  private static func differences(_ x: Tensor) -> Tensor { x[1..<x.count] - x[0..<x.count - 1] }

  private static func shifted(_ x: Tensor, by shift: Int) -> Tensor {
    let n = x.count
    return shift > 0
      ? x[0..<n - shift].padded(before: [shift], after: [0])
      : x[-shift..<n].padded(before: [0], after: [-shift])
  }

  private static func rotated(_ x: Tensor, by shift: Int) -> Tensor {
    .concatenated([x[shift..<x.count], x[0..<shift]], along: 0)
  }

  @Sendable
  private static func reversed(_ x: Tensor) -> Tensor {
    x.gather(Tensor(Array((0..<x.count).reversed())), along: 0)
  }

  private static func enlarged(_ x: Tensor) -> Tensor {
    x.expanded(at: 2).broadcast(to: x.shape + [2]).reshaped(to: [x.shape[0], 2 * x.shape[1]])
  }
}
