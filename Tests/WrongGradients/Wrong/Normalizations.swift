import Adjoint
import AdjointCheck

extension CaseKind {
  /// Normalizations besides ``batchNorms``, with a term, a count or an ε that is wrong in the gradient.
  static let normalizations = CaseKind(
    "normalizations",
    family("layer norm", .normal(3, 5), over: [1])
      + family("instance norm", .normal(2, 2, 4), over: [2])
      + family("group norm", .normal(2, 2, 2, 3), over: [2, 3])
      + family("batch norm of sequences", .normal(3, 2, 3), over: [0, 2])
      + others)

  /// x̂ over some axes, with the mistakes that each of these norms can have.
  private static func family(
    _ norm: String, _ input: CaseInput, over axes: [Int]
  ) -> [GradientCase] {
    @Sendable func variance(_ x: Tensor, correction: Int = 0) -> Tensor {
      x.variance(over: axes, correction: correction, keepingAxes: true)
    }
    @Sendable func centred(_ x: Tensor) -> Tensor { x - x.mean(over: axes, keepingAxes: true) }
    func mistaking(
      _ mistake: String, looksLike pattern: Diagnosis.Pattern? = nil,
      for other: @escaping @Sendable (Tensor) -> Tensor
    ) -> GradientCase {
      .mistaking(
        "\(norm): \(mistake)", at: input, looksLike: pattern,
        { centred($0) * (variance($0) + epsilon).rsqrt() }, for: other)
    }
    return [
      mistaking("without the mean term", looksLike: .meanTerm) {
        ($0 - $0.mean(over: axes, keepingAxes: true).stoppingGradient())
          * (variance($0) + epsilon).rsqrt()
      },
      mistaking("without the variance term", looksLike: .varianceTerm) {
        centred($0) * (variance($0) + epsilon).rsqrt().stoppingGradient()
      },
      mistaking("ε outside the root") { centred($0) / (variance($0).squareRoot() + epsilon) },
      mistaking("ε forgotten") { centred($0) * variance($0).rsqrt() },
      mistaking("n − 1 in backward") {
        centred($0) * (variance($0, correction: 1) + epsilon).rsqrt()
      },
    ]
  }

  private static let epsilon = 0.1

  private static let others: [GradientCase] = [
    .mistaking(
      "layer norm: statistics of the columns of a square", at: .normal(4, 4), layerNorm
    ) { layerNorm($0.transposed()).transposed() },
    .mistaking(
      "group norm: other groups", at: .normal(2, 4, 2), { groupNorm($0, groups: 2) },
      for: { groupNorm($0, groups: 1) }),
    .mistaking("instance norm: statistics of the batch", at: .normal(3, 2, 4), instanceNorm) {
      standardized($0, over: [0, 2])
    },
    .mistaking(
      "layer norm: the scale forgotten", at: [.normal(3, 4), .normal(4)], only: 0,
      { layerNorm($0[0]) * $0[1] }, for: { layerNorm($0[0]) }),
    .mistaking(
      "layer norm: a scale's gradient of x − μ", at: [.normal(3, 4), .normal(4)], only: 1,
      { layerNorm($0[0]) * $0[1] },
      for: { ($0[0] - $0[0].mean(over: [1], keepingAxes: true)) * $0[1] }),
    .mistaking(
      "layer norm: a shift's gradient averaged", at: [.normal(3, 4), .normal(4)], only: 1,
      looksLike: .factor, { layerNorm($0[0]) + $0[1] }, for: { layerNorm($0[0]) + $0[1] / 3 }),
    .mistaking("RMS norm: without the root's term", at: .normal(3, 4), rootMeanSquareNorm) {
      $0 * inverseRoot($0).stoppingGradient()
    },
    .mistaking("RMS norm: the root's term halved", at: .normal(3, 4), rootMeanSquareNorm) {
      ($0 * inverseRoot($0) + $0 * inverseRoot($0).stoppingGradient()) * 0.5
    },
    .mistaking("RMS norm: ε outside the root", at: .normal(3, 4), rootMeanSquareNorm) {
      $0 / ($0.squared().mean(over: [1], keepingAxes: true).squareRoot() + epsilon)
    },
    .mistaking(
      "RMS norm: the mean subtracted", at: .normal(3, 4), rootMeanSquareNorm, for: layerNorm),
    .mistaking("RMS norm: a sum for a mean", at: .normal(3, 4), rootMeanSquareNorm) {
      $0 * ($0.squared().sum(over: [1], keepingAxes: true) + epsilon).rsqrt() * 2
    },
    .mistaking(
      "batch renorm: r differentiated", at: renorm, only: 0,
      { standardized($0[0], over: [0]) * $0[1] + $0[2] },
      for: {
        let deviation = ($0[0].variance(over: [0], keepingAxes: true) + epsilon).squareRoot()
        return standardized($0[0], over: [0]) * $0[1] * deviation / deviation.stoppingGradient()
      }),
    .mistaking(
      "batch renorm: d differentiated", at: renorm, only: 0, looksLike: .meanTerm,
      { standardized($0[0], over: [0]) * $0[1] + $0[2] },
      for: { standardized($0[0], over: [0]) * $0[1] + $0[0].mean(over: [0]) }),
    .mistaking("weight norm without its projection", at: .normal(3, 4), unitRows) {
      $0 / $0.norm(over: [1], keepingAxes: true).stoppingGradient()
    },
    .mistaking("weight norm with the projection added", at: .normal(3, 4), unitRows) {
      let length = $0.norm(over: [1], keepingAxes: true)
      return $0 / length.stoppingGradient()
        + $0.stoppingGradient() * length / length.stoppingGradient().squared()
    },
    .mistaking(
      "weight norm divided by the squared length", at: .normal(3, 4), unitRows
    ) { unitRows($0) / $0.norm(over: [1], keepingAxes: true).stoppingGradient() },
    .mistaking(
      "spectral norm with its divisor fixed", at: .normal(3, 3), { $0 / $0.norm() },
      for: {
        $0 / $0.norm().stoppingGradient()
      }),
    .mistaking("response norm without its neighbours", at: .normal(2, 4), responseNorm) {
      $0
        / (1 + $0.squared()
          + ($0.squared().sum(over: [1], keepingAxes: true) - $0.squared())
          .stoppingGradient())
    },
    .mistaking(
      "a variance as E[x²] without E[x]²", at: .normal(5, 2, mean: 1), result: [2],
      looksLike: .meanTerm, { $0.squared().mean(over: [0]) - $0.mean(over: [0]).squared() },
      for: { $0.squared().mean(over: [0]) }),
    .mistaking(
      "a deviation without its 1/2", at: .normal(5, 2), result: [2], looksLike: .factor,
      { $0.standardDeviation(over: [0]) }, for: { $0.standardDeviation(over: [0]) * 2 }),
  ]

  private static let renorm: [CaseInput] = [
    .normal(5, 2), .uniform(2, in: 0.5..<2), .normal(2),
  ]

  private static func standardized(_ x: Tensor, over axes: [Int]) -> Tensor {
    (x - x.mean(over: axes, keepingAxes: true))
      * (x.variance(over: axes, keepingAxes: true) + epsilon).rsqrt()
  }

  @Sendable
  private static func layerNorm(_ x: Tensor) -> Tensor { standardized(x, over: [1]) }

  @Sendable
  private static func instanceNorm(_ x: Tensor) -> Tensor { standardized(x, over: [2]) }

  private static func groupNorm(_ x: Tensor, groups: Int) -> Tensor {
    let rows = x.reshaped(to: [x.shape[0], groups, x.count / (x.shape[0] * groups)])
    return standardized(rows, over: [2]).reshaped(to: x.shape)
  }

  private static func inverseRoot(_ x: Tensor) -> Tensor {
    (x.squared().mean(over: [1], keepingAxes: true) + epsilon).rsqrt()
  }

  @Sendable
  private static func rootMeanSquareNorm(_ x: Tensor) -> Tensor { x * inverseRoot(x) }

  @Sendable
  private static func unitRows(_ x: Tensor) -> Tensor {
    x / x.norm(over: [1], keepingAxes: true)
  }

  @Sendable
  private static func responseNorm(_ x: Tensor) -> Tensor {
    x / (1 + x.squared().sum(over: [1], keepingAxes: true))
  }
}
