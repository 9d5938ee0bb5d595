import Adjoint
import AdjointCheck

extension CaseKind {
  /// Convolutions and poolings whose windows are misplaced, mixed up or miscounted.
  static let windows = CaseKind(
    "convolutions and poolings",
    [
      .mistaking("a kernel reversed in the input's gradient", at: row, only: 0, convolved) {
        $0[0].convolved(with: reversed($0[1]), padding: [1])
      },
      .mistaking(
        "a kernel's own gradient reversed", at: row, only: 1, convolved
      ) { $0[0].convolved(with: reversed($0[1]), padding: [1]) },
      .mistaking(
        "strides ignored", at: row, result: [1, 2, 3],
        { $0[0].convolved(with: $0[1], strides: [2], padding: [1]) }
      ) { convolved($0).slice(0..<3, along: 2) },
      .mistaking(
        "dilation ignored", at: row,
        { $0[0].convolved(with: $0[1], padding: [2], dilations: [2]) }, for: convolved),
      .mistaking("the padding's border skipped", at: row, only: 0, looksLike: .border, convolved) {
        let border = $0[0].slice(0..<1, along: 2).stoppingGradient()
        let x = Tensor.concatenated([border, $0[0].slice(1..<6, along: 2)], along: 2)
        return x.convolved(with: $0[1], padding: [1])
      },
      .mistaking(
        "groups exchanged", at: [.normal(1, 4, 5), .normal(4, 2, 3)], only: 0,
        { $0[0].convolved(with: $0[1], padding: [1], groups: 2) }
      ) {
        let x = $0[0].gather(Tensor.places(2, 3, 0, 1), along: 1)
        return x.convolved(with: $0[1], padding: [1], groups: 2)
      },
      .mistaking("input and output channels exchanged", at: row, convolved) {
        $0[0].convolved(with: $0[1].transposed([1, 0, 2]), padding: [1])
      },
      .mistaking("a window off by one", at: row, convolved) {
        $0[0].padded(before: [0, 0, 2], after: [0, 0, 0]).convolved(with: $0[1])
      },
      .mistaking(
        "rows and columns of a kernel exchanged", at: image, result: [1, 1, 2, 2],
        { $0[0].convolved(with: $0[1]) }
      ) { $0[0].convolved(with: $0[1].transposed()) },
      .mistaking(
        "rows and columns of an image exchanged", at: image, only: 0, result: [1, 1, 2, 2],
        looksLike: .order, { $0[0].convolved(with: $0[1]) }
      ) { $0[0].transposed().convolved(with: $0[1]) },
      .mistaking("the first tap lost", at: row, only: 1, looksLike: .border, convolved) {
        let tap = $0[1].slice(0..<1, along: 2).stoppingGradient()
        let weight = Tensor.concatenated([tap, $0[1].slice(1..<3, along: 2)], along: 2)
        return $0[0].convolved(with: weight, padding: [1])
      },
      .mistaking(
        "a kernel's gradient averaged over the batch", at: [.normal(3, 1, 5), .normal(1, 1, 3)],
        only: 1, looksLike: .factor, convolved
      ) { convolved($0) / 3 },
      .mistaking(
        "a bias's gradient averaged over positions", at: row + [.normal(2)], only: 2,
        looksLike: .factor,
        { $0[0].convolved(with: $0[1], padding: [1], bias: $0[2]) }
      ) { ($0[2] / 6).reshaped(to: [2, 1]).broadcast(to: [1, 2, 6]) },
      .mistaking(
        "taps shared between channels", at: [.normal(1, 2, 5), .normal(2, 1, 3)], only: 1,
        { $0[0].convolved(with: $0[1], padding: [1], groups: 2) }
      ) {
        let shared = $0[1].mean(over: [0], keepingAxes: true).broadcast(to: [2, 1, 3])
        return $0[0].convolved(with: shared, padding: [1], groups: 2)
      },
      .mistaking(
        "a transposed convolution's kernel reversed", at: [.normal(1, 1, 4), .normal(1, 1, 3)],
        result: [1, 1, 6], { $0[0].convolvedTransposed(with: $0[1]) }
      ) { $0[0].convolvedTransposed(with: reversed($0[1])) },
      .mistaking(
        "padding counted in an average", at: .normal(1, 1, 5),
        { $0.averagePooled([3], strides: [1], padding: [1]) }
      ) { $0.averagePooled([3], strides: [1], padding: [1], countingPadding: true) },
      .mistaking(
        "an average whose count is forgotten", at: .normal(1, 2, 6), result: [1, 2, 3],
        looksLike: .factor, { $0.averagePooled([2]) }
      ) { $0.averagePooled([2]) * 2 },
      .mistaking(
        "overlapping windows overwritten", at: .normal(1, 1, 6), result: [1, 1, 4],
        { $0.averagePooled([3], strides: [1]) }
      ) { $0.slice(0..<4, along: 2) / 3 },
      .mistaking(
        "a maximum's gradient shared by its window", at: .normal(1, 1, 6), result: [1, 1, 3],
        { $0.maxPooled([2]) }
      ) { $0.averagePooled([2]) },
      .mistaking(
        "a maximum's gradient to the first of its window", at: .normal(1, 1, 24),
        result: [1, 1, 12], { $0.maxPooled([2]) }
      ) { $0.slice(0..<24, along: 2, step: 2) },
      .mistaking(
        "the windows of the mean over an image, miscounted", at: .normal(1, 2, 3, 3),
        result: [1, 2], looksLike: .factor, { $0.mean(over: [2, 3]) }
      ) { $0.sum(over: [2, 3]) / 3 },
    ])

  private static let row: [CaseInput] = [.normal(1, 2, 6), .normal(2, 2, 3)]
  private static let image: [CaseInput] = [.normal(1, 1, 4, 4), .normal(1, 1, 3, 3)]

  private static let convolved: @Sendable ([Tensor]) -> Tensor = {
    $0[0].convolved(with: $0[1], padding: [1])
  }

  private static func reversed(_ weight: Tensor) -> Tensor {
    weight.gather(Tensor.places(2, 1, 0), along: 2)
  }
}
