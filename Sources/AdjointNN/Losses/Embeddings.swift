import Adjoint

/// Returns the cosine of the angle between vectors along an axis.
///
///     a: [A…], b: [A…]   →   [A… without the axis]
///
/// ⟨a, b⟩/(max(‖a‖, ε)·max(‖b‖, ε)): 0 where one of them is 0, and linear in one that is shorter than ε.
/// - Precondition: the types are equal; ε is positive.
public func cosineSimilarity(
  _ a: Tensor, _ b: Tensor, along axis: Int = -1, epsilon: Double = 1e-8
) -> Tensor {
  requireSameType(a, b, "one operand", "the other", "cosineSimilarity")
  requirePositive(epsilon, "cosineSimilarity: ε")
  requireVectors(a, along: axis, "cosineSimilarity")
  return a.grouped("cosineSimilarity") {
    func unit(_ x: Tensor) -> Tensor {
      // In shares of the largest element: the norm may be more than the type holds.
      let largest = x.largestMagnitude(over: [axis < 0 ? x.rank + axis : axis])
      let shares = x / largest
      return shares / .maximum(shares.norm(over: [axis], keepingAxes: true), epsilon / largest)
    }
    return (unit(a) * unit(b)).sum(over: axis)
  }
}

/// Returns the loss of pairs of embeddings by their angle: 1 − cos of those that belong together, and
/// max(0, cos − margin) of those that do not.
///
///     a: [N, D], b: [N, D], targets: [N], 1 or −1   →   [], or [N] without reduction
///
/// - Precondition: a and b are of one type, and there is a target, −1 or 1, for each pair.
public func cosineEmbeddingLoss(
  _ a: Tensor, _ b: Tensor, _ targets: Tensor, margin: Double = 0, reduction: Reduction = .mean
) -> Tensor {
  requireSameType(a, b, "one operand", "the other", "cosineEmbeddingLoss")
  requireVectors(a, along: -1, "cosineEmbeddingLoss")
  let pairs = TensorType(a.dtype, a.shape.dropLast())
  require(
    targets.type == pairs,
    "cosineEmbeddingLoss: the targets are \(targets.type) for the pairs of \(a.type); give \(pairs), one for each"
  )
  requireTargets(targets, "cosineEmbeddingLoss", "give 1 for a pair that belongs together, else −1")
  {
    isSign($0)
  }
  return a.grouped("cosineEmbeddingLoss") {
    let cosine = cosineSimilarity(a, b)
    return reduction(
      (1 - cosine).select(where: targets .> 0, otherwise: (cosine - margin).relu()),
      "cosineEmbeddingLoss")
  }
}

/// Stops unless a tensor has an axis.
private func requireVectors(_ x: Tensor, along axis: Int, _ loss: String) {
  require(
    (-x.rank..<x.rank).contains(axis),
    "\(loss): the axis \(axis) is not within \(x.type); give vectors along one of its axes")
}

/// Returns the loss of triplets: an anchor is to be nearer to its positive than to its negative, by a margin.
///
///     anchor, positive, negative: [N, D]   →   [], or [N] without reduction
///
/// max(0, ‖a − p‖ − ‖a − n‖ + margin), with Euclidean distances; two that are equal have the distance 0 and its
/// subgradient 0. (PyTorch adds 1e-6 to each difference.)
/// - Precondition: the three are of one type.
///
/// Source: Balntas, Riba, Ponsa & Mikolajczyk, "Learning local feature descriptors with triplets" (2016).
public func tripletLoss(
  anchor: Tensor, positive: Tensor, negative: Tensor, margin: Double = 1,
  reduction: Reduction = .mean
) -> Tensor {
  requireSameType(anchor, positive, "the anchor", "the positive", "tripletLoss")
  requireSameType(anchor, negative, "the anchor", "the negative", "tripletLoss")
  requireVectors(anchor, along: -1, "tripletLoss")
  requireWithin(margin, 0, .greatestFiniteMagnitude, "tripletLoss: the margin")
  return anchor.grouped("tripletLoss") {
    let near = (anchor - positive).norm(over: [-1])
    let far = (anchor - negative).norm(over: [-1])
    return reduction((near - far + margin).relu(), "tripletLoss")
  }
}
