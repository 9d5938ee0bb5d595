import Adjoint
import AdjointCheck

extension CaseKind {
  /// Losses, and the softmax family, with a term or a case forgotten.
  static let losses = CaseKind(
    "losses and softmax",
    [
      .unary("softmax without its coupling term", at: .normal(3, 4), { $0.softmax() }) {
        _, y, g in g * y
      },
      .mistaking(
        "log-softmax without its sum", at: .normal(3, 4), { $0.logSoftmax() }
      ) { $0 },
      .unary("log-softmax with its sum over one element", at: .normal(3, 4), { $0.logSoftmax() }) {
        _, y, g in g - y.exp() * g
      },
      .unary("softmax with the coupling's sign", at: .normal(3, 4), { $0.softmax() }) { _, y, g in
        y * (g + (g * y).sum(over: [1], keepingAxes: true))
      },
      .unary("softmax coupled over the batch", at: .normal(3, 3), { $0.softmax() }) { _, y, g in
        y * (g - (g * y).sum(over: [0], keepingAxes: true))
      },
      .mistaking(
        "softmax of a temperature, forgotten", at: .normal(3, 4), looksLike: .factor,
        { ($0 / 3).softmax() }
      ) { ($0.stoppingGradient() / 3 + $0 - $0.stoppingGradient()).softmax() },
      .mistaking(
        "logSumExp as a maximum", at: .normal(3, 4), result: [3], { $0.logSumExp(over: [1]) }
      ) { $0.max(over: [1]) },
      .mistaking(
        "cross-entropy not divided by N", at: logits, result: [], looksLike: .factor,
        { $0[0].softmaxCrossEntropy($0[1]).mean() }
      ) { $0[0].softmaxCrossEntropy($0[1]).sum() },
      .mistaking(
        "cross-entropy divided by the classes", at: logits, result: [], looksLike: .factor,
        { $0[0].softmaxCrossEntropy($0[1]).mean() }
      ) { $0[0].softmaxCrossEntropy($0[1]).sum() / 4 },
      .mistaking(
        "cross-entropy without its label", at: logits, result: [3],
        { $0[0].softmaxCrossEntropy($0[1]) }
      ) { $0[0].logSumExp(over: [1]) },
      .mistaking(
        "cross-entropy of the next label", at: logits, result: [3],
        { $0[0].softmaxCrossEntropy($0[1]) }
      ) { $0[0].softmaxCrossEntropy(Tensor.places(3, 1, 2)) },
      .mistaking(
        "label smoothing forgotten", at: logits, result: [], { smoothed($0, by: 0.1) }
      ) { smoothed($0, by: 0) },
      .mistaking(
        "label smoothing spread over the other classes", at: logits, result: [],
        { smoothed($0, by: 0.1) }
      ) { smoothed($0, by: 0.1 * 4 / 3) },
      .mistaking(
        "an ignored label that is counted", at: logits, result: [], looksLike: .factor,
        { ($0[0].softmaxCrossEntropy($0[1]) * kept($0[0])).sum() / 2 }
      ) { ($0[0].softmaxCrossEntropy($0[1]) * kept($0[0])).sum() / 3 },
      .mistaking(
        "an ignored label that is not ignored", at: logits, result: [], looksLike: .border,
        { ($0[0].softmaxCrossEntropy($0[1]) * kept($0[0])).sum() / 2 }
      ) { $0[0].softmaxCrossEntropy($0[1]).sum() / 2 },
      .mistaking(
        "class weights forgotten", at: logits + [.uniform(3, in: 0.5..<2)], only: 0, result: [3],
        looksLike: .channelFactor, { $0[0].softmaxCrossEntropy($0[1]) * $0[2] }
      ) { $0[0].softmaxCrossEntropy($0[1]) },
      .mistaking(
        "Kullback-Leibler the other way round", at: [.normal(5), .normal(5)], result: [],
        { divergence($0[0].softmax(), $0[1].softmax()) }
      ) { divergence($0[1].softmax(), $0[0].softmax()) },
      .mistaking(
        "entropy without its + 1", at: .uniform(5, in: 0.1..<0.9), result: [],
        looksLike: .meanTerm, { -($0 * $0.log()).sum() }
      ) { -($0 * $0.log().stoppingGradient()).sum() },
      .mistaking(
        "perplexity without its exponential", at: .normal(5), result: [], looksLike: .factor,
        { ($0.softplus().mean()).exp() }
      ) { $0.softplus().mean() },
      .slope("Huber without its δ", at: errors, { huber($0, delta: 0.5) }) {
        $0.clamped(to: -1...1)
      },
      .slope("Huber without its bound", at: errors, { huber($0, delta: 0.5) }) { $0 },
      .slope("smooth L1 without its β", at: errors, { huber($0, delta: 0.5) / 0.5 }) { x in
        x.select(where: x.magnitude() .< 0.5, otherwise: x.sign())
      },
      .slope("a squared error without its 2", looksLike: .factor, { $0.squared() }) { $0 },
      .slope("an absolute error's error", at: errors, { $0.magnitude() }) { $0 },
      .slope("log cosh as a square", { $0.cosh().log() }) { $0 },
      .slope("a quantile's slopes exchanged", at: errors, { .maximum($0 * 0.9, $0 * -0.1) }) {
        ($0 .> 0).cast(to: $0.dtype) - 0.9
      },
      .mistaking(
        "a logit's loss with the target's sign", at: [.normal(4), .fixed(1, 0, 0, 1)], only: 0,
        { $0[0].softplus() - $0[0] * $0[1] }
      ) { $0[0].softplus() + $0[0] * $0[1] },
      .mistaking(
        "a logit's loss with its sigmoid twice", at: [.normal(4), .fixed(1, 0, 0, 1)], only: 0,
        { $0[0].softplus() - $0[0] * $0[1] }
      ) { $0[0].softplus() * $0[0].sigmoid().stoppingGradient() - $0[0] * $0[1] },
      .mistaking("focal loss with its factor fixed", at: .normal(4), focal(by: { $0 })) {
        focal(by: { $0.stoppingGradient() })($0)
      },
      .mistaking("focal loss without its factor", at: .normal(4), focal(by: { $0 })) {
        $0.sigmoid().log() * -1
      },
      .slope("hinge with its margin at 0", at: margins, { (1 - $0).relu() }) {
        -($0 .< 0).cast(to: $0.dtype)
      },
      .slope(
        "squared hinge without its 2", at: margins, looksLike: .factor,
        {
          (1 - $0).relu().squared()
        }
      ) { -(1 - $0).relu() },
      .mistaking(
        "cosine similarity without its normalization", at: [.normal(4), .normal(4)], result: [],
        cosine
      ) { ($0[0] * $0[1]).sum() / ($0[0].norm() * $0[1].norm()).stoppingGradient() },
      .mistaking(
        "triplet loss with its negative's sign", at: triplet, result: [], { tripled($0, 1) }
      ) { tripled($0, -1) },
      .mistaking(
        "triplet loss with its anchor in one term", at: triplet, only: 0, result: [],
        { tripled($0, 1) }
      ) { tripled($0, 0) },
      .mistaking(
        "contrastive loss with its denominator fixed", at: [.normal(3, 2), .normal(3, 2)],
        result: [], { contrastive($0, similarity: { $0 }) }
      ) { contrastive($0, similarity: { $0.stoppingGradient() }) },
      .mistaking(
        "Poisson without its rate", at: [.normal(4), .uniform(4, in: 0..<3)], only: 0,
        {
          $0[0].exp() - $0[0] * $0[1]
        }
      ) { $0[0] - $0[0] * $0[1] },
      .mistaking(
        "a Gaussian's deviation without its logarithm", at: [.normal(4), .normal(4)],
        {
          $0[1] + $0[0].squared() * ($0[1] * -2).exp() * 0.5
        }
      ) { $0[0].squared() * ($0[1] * -2).exp() * 0.5 },
      .mistaking(
        "Dice with its denominator fixed", at: [.uniform(4, in: 0.1..<0.9), .fixed(1, 0, 1, 0)],
        only: 0, result: [], { 1 - ($0[0] * $0[1]).sum() * 2 / ($0[0].sum() + $0[1].sum()) }
      ) { ($0[0] * $0[1]).sum() * -2 / ($0[0].sum() + $0[1].sum()).stoppingGradient() },
    ])
}

extension CaseKind {
  private static let logits: [CaseInput] = [.normal(3, 4), .integers(2, 0, 1)]
  private static let errors = CaseInput.fixed(-2, 0.3, 1.4, -0.2, 0.7)
  private static let margins = CaseInput.fixed(0.5, -0.3, 2, 0.9, -1.5)
  private static let triplet: [CaseInput] = [.normal(3), .normal(3), .normal(3)]

  /// 1 for the samples that count, 0 for the last one.
  private static func kept(_ like: Tensor) -> Tensor {
    Tensor([1, 1, 0] as [Double]).cast(to: like.dtype)
  }

  private static func smoothed(_ inputs: [Tensor], by share: Double) -> Tensor {
    let logarithms = inputs[0].logSoftmax()
    let labels = inputs[1].oneHot(4, dtype: inputs[0].dtype) * (1 - share) + share / 4
    return -(logarithms * labels).sum()
  }

  private static func divergence(_ p: Tensor, _ q: Tensor) -> Tensor {
    (p * (p.log() - q.log())).sum()
  }

  private static func huber(_ x: Tensor, delta: Double) -> Tensor {
    let distance = x.magnitude()
    return (x.squared() * 0.5).select(
      where: distance .< delta, otherwise: (distance - delta / 2) * delta)
  }

  private static func focal(
    by factor: @escaping @Sendable (Tensor) -> Tensor
  ) -> @Sendable (Tensor) -> Tensor {
    { factor((1 - $0.sigmoid()).squared()) * $0.sigmoid().log() * -1 }
  }

  private static let cosine: @Sendable ([Tensor]) -> Tensor = {
    ($0[0] * $0[1]).sum() / ($0[0].norm() * $0[1].norm())
  }

  /// ‖a − p‖² − k·‖a − n‖² + 1, as where the margin is not kept.
  private static func tripled(_ x: [Tensor], _ k: Double) -> Tensor {
    (x[0] - x[1]).squared().sum() - (x[0] - x[2]).squared().sum() * k + 1
  }

  private static func contrastive(
    _ x: [Tensor], similarity: (Tensor) -> Tensor
  ) -> Tensor {
    let products = x[0].matMul(x[1], transposingOther: true)
    let own = (products * .identity(3, dtype: x[0].dtype)).sum(over: [1])
    return (similarity(products.logSumExp(over: [1])) - own).mean()
  }
}
