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

/// Returns the mean of the squared differences.
///
///     prediction: [A…], target: [A…]   →   [], or [A…] without reduction
///
/// Pullback of the mean over n elements: p̄ = 2/n·ȳ·(p − t).
/// - Precondition: the shapes are equal; a target that would be broadcast is most often a mistake.
public func meanSquaredError(
  _ prediction: Tensor, _ target: Tensor, reduction: Reduction = .mean
) -> Tensor {
  require(
    prediction.type == target.type,
    "meanSquaredError: the prediction is \(prediction.type), the target \(target.type); "
      + "give them one \(prediction.shape == target.shape ? "element type" : "shape")")
  prediction.requireFloatingPoint("meanSquaredError")
  return prediction.grouped("meanSquaredError") {
    reduction((prediction - target).squared(), "meanSquaredError")
  }
}

/// Returns the share of samples whose largest logit is that of the label.
///
///     logits: [N, C, A…], labels: int32[N, A…]
///
/// The first of several largest counts; a sample with a NaN among its logits is a miss. NaN for no
/// samples.
/// - Precondition: there is a label for each sample, int32.
public func accuracy(_ logits: Tensor, _ labels: Tensor) -> Double {
  require(
    logits.rank >= 2 && labels.dtype == .int32
      && labels.shape == Array(logits.shape[..<1] + logits.shape[2...]),
    "accuracy: the labels are \(labels.type), the logits \(logits.type); give logits [N, C, …] and labels "
      + "int32[N, …]")
  require(
    logits.shape[1] > 0 || labels.count == 0,
    "accuracy: the logits \(logits.type) have no classes along axis 1; give one or more")
  // A largest that is NaN is not equal to itself.
  let largest = logits.max(over: [1])
  let hits = ((logits.argMax(over: 1) .== labels) .& (largest .== largest)).cast(to: .int32)
  return Double(Int(hits.sum())) / Double(labels.count)
}
