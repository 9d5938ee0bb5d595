import Adjoint

/// Returns the cross-entropy of a softmax of the logits with the labels: −log softmax(x)[label].
///
///     logits: [N, C, A…], labels: int32[N, A…]   →   [], or [N, A…] without reduction
///
/// Pullback of each sample: x̄ = ȳ·(softmax(x) − onehot(label)).
/// - Precondition: the labels are int32, each a class from 0 to below C.
public func softmaxCrossEntropy(
  _ logits: Tensor, _ labels: Tensor, reduction: Reduction = .mean
) -> Tensor {
  logits.grouped("softmaxCrossEntropy") {
    reduction(logits.softmaxCrossEntropy(labels), "softmaxCrossEntropy")
  }
}

/// Returns the cross-entropy of sigmoids of the logits with targets from 0 to 1.
///
///     logits: [A…], targets: [A…]   →   [], or [A…] without reduction
///
/// Each is −p·t·log σ(x) − (1 − t)·log(1 − σ(x)), as p·t·softplus(−x) + (1 − t)·softplus(x): without overflow, and
/// exact where the class is nearly sure, as its gradient is; 0 at an infinite logit of the right sign. Pullback of
/// each: x̄ = ȳ·((1 − t)·σ(x) − p·t·σ(−x)),
/// ȳ·(σ(x) − t) for p = 1.
///
/// - Parameters:
///   - logits: x.
///   - targets: t.
///   - positiveWeight: p, by how much more targets of 1 count.
///   - reduction: whether the mean is returned, the sum, or the losses themselves.
/// - Precondition: the types are equal; p is positive; the targets are from 0 to 1.
public func binaryCrossEntropy(
  _ logits: Tensor, _ targets: Tensor, positiveWeight: Double = 1, reduction: Reduction = .mean
) -> Tensor {
  requireSameType(logits, targets, "the logits", "the targets", "binaryCrossEntropy")
  requirePositive(positiveWeight, "binaryCrossEntropy: the weight of the positives")
  requireTargets(targets, "binaryCrossEntropy", "give numbers from 0 to 1") { isShare($0) }
  return logits.grouped("binaryCrossEntropy") {
    let positives = positiveWeight == 1 ? targets : targets * positiveWeight
    return reduction(entropy(logits, positives, 1 - targets), "binaryCrossEntropy")
  }
}

/// The cross-entropy of sigmoids, of which positives and negatives count so much: neither of its terms cancels, and
/// what counts nothing is nothing, even where it is infinite.
private func entropy(_ logits: Tensor, _ positives: Tensor, _ negatives: Tensor) -> Tensor {
  positives.scaled(by: (-logits).softplus()) + negatives.scaled(by: logits.softplus())
}

/// Returns the focal loss of sigmoids of the logits: a cross-entropy in which what is nearly right counts little.
///
///     logits: [A…], targets: [A…], 0 or 1   →   [], or [A…] without reduction
///
/// With s = σ(x) where t = 1, σ(−x) where t = 0: −a·(1 − s)^γ·log s, a = α or 1 − α. Targets in between are taken in
/// proportion, as torchvision takes them: (1 − s) = σ(x)·(1 − t) + σ(−x)·t.
///
/// - Precondition: the types are equal; γ is 0 or more, α within 0…1; the targets are from 0 to 1.
///
/// Source: Lin, Goyal, Girshick, He & Dollár, "Focal loss for dense object detection" (2017), equation 5.
public func focalLoss(
  _ logits: Tensor, _ targets: Tensor, gamma: Double = 2, alpha: Double? = 0.25,
  reduction: Reduction = .mean
) -> Tensor {
  requireSameType(logits, targets, "the logits", "the targets", "focalLoss")
  requireWithin(gamma, 0, .greatestFiniteMagnitude, "focalLoss: γ")
  requireTargets(targets, "focalLoss", "give numbers from 0 to 1") { isShare($0) }
  if let alpha { requireWithin(alpha, 0, 1, "focalLoss: α") }
  return logits.grouped("focalLoss") {
    let entropy = entropy(logits, targets, 1 - targets)
    let miss = logits.sigmoid() * (1 - targets) + (-logits).sigmoid() * targets
    var loss = gamma == 0 ? entropy : miss.power(gamma).scaled(by: entropy)
    if let alpha { loss = (targets * (2 * alpha - 1) + (1 - alpha)).scaled(by: loss) }
    return reduction(loss, "focalLoss")
  }
}

/// Returns the hinge loss of scores with targets ±1: max(0, m − t·x).
///
///     scores: [A…], targets: [A…], −1 or 1   →   [], or [A…] without reduction
///
/// Pullback of each: x̄ = −ȳ·t where t·x < m, 0 elsewhere.
/// - Precondition: the types are equal; the targets are −1 or 1.
public func hingeLoss(
  _ scores: Tensor, _ targets: Tensor, margin: Double = 1, reduction: Reduction = .mean
) -> Tensor {
  requireSameType(scores, targets, "the scores", "the targets", "hingeLoss")
  requireWithin(margin, 0, .greatestFiniteMagnitude, "hingeLoss: the margin")
  requireTargets(targets, "hingeLoss", "give −1 or 1, such as labels · 2 − 1") { isSign($0) }
  return scores.grouped("hingeLoss") {
    reduction((margin - targets * scores).relu(), "hingeLoss")
  }
}

/// Returns the divergence of Kullback and Leibler of a distribution from a target, from its logarithms.
///
///     logShares: [N, …], targets: [N, …]   →   [], or [N, …] without reduction
///
/// Each is t·(log t − x), 0 where t is 0. The mean is that of a sample, Σ/N, and of one distribution, [C], its sum: PyTorch's
/// `batchmean`. Pullback of each:
/// x̄ = −ȳ·t. A target below 0 that is only computed on a tape is not known yet, and gives NaN.
/// - Precondition: the types are equal, with an axis or more; the targets are 0 or more.
public func klDivergence(
  _ logShares: Tensor, _ targets: Tensor, reduction: Reduction = .mean
) -> Tensor {
  requireSameType(logShares, targets, "the logarithms", "the targets", "klDivergence")
  require(
    logShares.rank >= 1,
    "klDivergence: the logarithms are \(logShares.type); give a distribution along the last axis")
  requireTargets(targets, "klDivergence", "give shares, 0 or more, and not their logarithms") {
    $0 >= 0
  }
  return logShares.grouped("klDivergence") {
    let isZero = targets .== 0
    let logarithm = targets.select(where: .!isZero, otherwise: 1).log()
    let losses = (targets * (logarithm - logShares)).select(where: .!isZero, otherwise: 0)
    guard case .mean = reduction else { return reduction(losses, "klDivergence") }
    require(
      losses.count > 0,
      "klDivergence: there are no losses, of which there is no mean; give one sample or more")
    return losses.sum() / Double(losses.rank > 1 ? losses.shape[0] : 1)
  }
}
