// The cross-entropy in all of its forms.

extension Tensor {
  /// Returns the cross-entropy of a softmax of the logits with labels: −log softmax(x)[label] for each sample.
  ///
  ///     logits: [N, C, A…], labels: int32[N, A…], over: 1   →   [], or [N, A…] without reduction
  ///     logits: [N, C, A…], targets: [N, C, A…]             →   the same, with the shares of the classes
  ///
  /// A sample counts with the weight of its label; the mean is divided by the sum of these weights, and is 0/0 of no
  /// samples that count. Smoothing by s takes the target to 1 − s, and s/C more for every class, each with its
  /// weight. Without overflow, and exact where the right class is nearly sure; what has no share or no weight counts
  /// nothing, even where its logit is −∞. Pullback: x̄ = ȳ·w·(softmax(x) −
  /// target), 0 for samples that are ignored. Conventions of PyTorch.
  ///
  /// - Parameters:
  ///   - labels: the classes, int32; or the shares of all classes, in the logits' own type.
  ///   - axis: the axis of the classes.
  ///   - weights: the weight of each class, [C]; 1 unless given.
  ///   - ignored: a label that is no class: samples with it have the loss 0, and do not count.
  ///   - smoothing: s.
  ///   - reduction: whether the mean is returned, the sum, or the losses themselves.
  /// - Precondition: labels are classes, or ignored; with shares no label is. (With shares the mean is over the
  ///   samples, whatever they weigh.)
  public func crossEntropy(
    _ labels: Tensor, over axis: Int = 1, weights: Tensor? = nil, ignoring ignored: Int? = nil,
    smoothing: Double = 0, reduction: Reduction = .mean
  ) -> Tensor {
    requireFloatingPoint("crossEntropy")
    require(
      (0...1).contains(smoothing),
      "crossEntropy: the smoothing is \(smoothing); give a share from 0 to 1")
    let axis = resolved(axis, rank: rank, "crossEntropy", type)
    if labels.dtype != .int32 {
      require(
        ignored == nil,
        "crossEntropy: the targets are shares of all classes, of which none is a label to be ignored; leave it "
          + "out, or give int32 labels")
      return crossEntropy(shares: labels, axis, weights, smoothing, reduction)
    }
    let target = ClassTarget(labels, axis, weights, ignored, of: self, "crossEntropy")
    var losses = softmaxCrossEntropy(target.labels, over: axis)
    losses = target.weighted(losses)
    if smoothing > 0 {
      let all =
        -logarithms(axis, weighted: weights).sum(over: axis) * (smoothing / Double(shape[axis]))
      losses = smoothing < 1 ? losses * (1 - smoothing) + all : all
    }
    return target.reduced(losses, reduction, "crossEntropy")
  }

  /// Returns −x[label] for each sample, of logarithms of the classes' shares.
  ///
  ///     x: [N, C, A…], labels: int32[N, A…], over: 1   →   [], or [N, A…] without reduction
  ///
  /// Weights, ignored labels and the mean are as in ``crossEntropy(_:over:weights:ignoring:smoothing:reduction:)``.
  /// Pullback: x̄ = −ȳ·w at the label, 0 elsewhere.
  /// - Precondition: labels are int32 classes, or ignored.
  public func negativeLogLikelihood(
    _ labels: Tensor, over axis: Int = 1, weights: Tensor? = nil, ignoring ignored: Int? = nil,
    reduction: Reduction = .mean
  ) -> Tensor {
    requireFloatingPoint("negativeLogLikelihood")
    let axis = resolved(axis, rank: rank, "negativeLogLikelihood", type)
    let target = ClassTarget(labels, axis, weights, ignored, of: self, "negativeLogLikelihood")
    let losses = -gatherElements(target.labels.expanded(at: axis), along: axis)
      .squeezed(at: axis)
    return target.reduced(target.weighted(losses), reduction, "negativeLogLikelihood")
  }

  /// −Σ t·log softmax(x), where t are the shares, smoothed.
  private func crossEntropy(
    shares: Tensor, _ axis: Int, _ weights: Tensor?, _ smoothing: Double, _ reduction: Reduction
  ) -> Tensor {
    require(
      shares.type == type,
      "crossEntropy: the targets are \(shares.type), the logits \(type); give int32 labels, or shares of the "
        + "logits' type")
    if let weights {
      let needed = type.with(shape: [shape[axis]])
      require(
        weights.type == needed, "crossEntropy: the weights are \(weights.type); give \(needed)")
    }
    let target = smoothing > 0 ? shares * (1 - smoothing) + smoothing / Double(shape[axis]) : shares
    let counted = weights.map { target * $0.channels(axis, rank: rank) } ?? target
    let losses = -counted.scaled(by: logSoftmax(along: axis)).sum(over: axis)
    guard case .mean = reduction else { return reduction(losses, "crossEntropy") }
    require(
      losses.count > 0,
      "crossEntropy: there are no losses, of which there is no mean; give one sample or more")
    return losses.mean()
  }

  /// The logarithms of the softmax, each with the weight of its class.
  private func logarithms(_ axis: Int, weighted weights: Tensor?) -> Tensor {
    let logarithms = logSoftmax(along: axis)
    return weights?.channels(axis, rank: rank).scaled(by: logarithms) ?? logarithms
  }
}

/// The classes of samples, and how much each counts.
private struct ClassTarget {
  /// The labels, 0 where they are ignored.
  let labels: Tensor
  /// The weight of each sample, 0 where it is ignored; nil if it is 1 for all.
  let weight: Tensor?
  /// Where samples are ignored; nil if none are.
  let isIgnored: Tensor?

  init(
    _ labels: Tensor, _ axis: Int, _ weights: Tensor?, _ ignored: Int?, of x: Tensor,
    _ operation: String
  ) {
    let type = x.type.reduced(over: [axis], keepingAxes: false)
    require(
      labels.type == type.with(.int32),
      "\(operation): the labels are \(labels.type), logits are \(x.type) with classes along axis \(axis); "
        + "give labels \(type.with(.int32))")
    if let weights {
      let needed = x.type.with(shape: [x.shape[axis]])
      require(
        weights.type == needed, "\(operation): the weights are \(weights.type); give \(needed)")
    }
    guard let ignored else {
      let labels = ClassTarget.classes(labels, x.type, axis, operation)
      (self.labels, isIgnored) = (labels, nil)
      weight = weights.map { $0.gather(labels, along: 0) }
      return
    }
    let isIgnored = labels .== ignored
    let classes = ClassTarget.classes(
      labels.filled(where: isIgnored, with: 0), x.type, axis, operation)
    let weight = weights.map { $0.gather(classes, along: 0) } ?? .ones(type.shape, dtype: x.dtype)
    (self.labels, self.isIgnored) = (classes, isIgnored)
    self.weight = weight.filled(where: isIgnored, with: 0)
  }

  /// The labels, of which none is negative: a place counts from the end then, and a label is no class.
  private static func classes(
    _ labels: Tensor, _ type: TensorType, _ axis: Int, _ operation: String
  ) -> Tensor {
    let end = Int32(clamping: type.shape[axis])
    guard labels.tape == nil else {
      // Not computed yet: then whatever takes them stops at one beyond the last.
      return labels.filled(where: labels .< 0, with: Double(end))
    }
    for label in [Int32](labels) where !(0..<end).contains(label) {
      stopAtLabel(label, type, axis: axis, operation)
    }
    return labels
  }

  /// The losses, each times its weight: 0 where that is, even of one that is infinite.
  func weighted(_ losses: Tensor) -> Tensor { weight?.scaled(by: losses) ?? losses }

  /// The losses, already weighted, 0 where they are ignored; their sum; or that divided by that of the weights.
  func reduced(_ losses: Tensor, _ reduction: Reduction, _ operation: String) -> Tensor {
    let losses = isIgnored.map { losses.filled(where: $0, with: 0) } ?? losses
    guard case .mean = reduction, let weight else { return reduction(losses, operation) }
    return losses.sum() / weight.sum()
  }
}
