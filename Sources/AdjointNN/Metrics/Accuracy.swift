import Adjoint

/// Returns the share of samples whose largest logit is that of the label.
///
///     logits: [N, C, A…], labels: int32[N, A…]
///
/// The first of several largest counts; a sample with a NaN among its logits is a miss. NaN for no
/// samples.
/// - Precondition: there is a label for each sample, int32, from 0 to below C.
public func accuracy(_ logits: Tensor, _ labels: Tensor) -> Double {
  require(
    logits.rank >= 2 && labels.dtype == .int32
      && labels.shape == Array(logits.shape[..<1] + logits.shape[2...]),
    "accuracy: the labels are \(labels.type), the logits \(logits.type); give logits [N, C, …] and labels "
      + "int32[N, …]")
  require(
    logits.shape[1] > 0 || labels.count == 0,
    "accuracy: the logits \(logits.type) have no classes along axis 1; give one or more")
  requireClasses(labels, below: logits.shape[1], "accuracy")
  // A largest that is NaN is not equal to itself.
  let largest = logits.max(over: [1])
  let hits = ((logits.argMax(over: 1) .== labels) .& (largest .== largest)).cast(to: .int32)
  return Double(Int(hits.sum())) / Double(labels.count)
}

/// Returns the share of samples whose label is among the k largest logits.
///
///     logits: [N, C], labels: int32[N]
///
/// Of equal logits the first counts as larger; a sample with a NaN among its logits is a miss. NaN for no samples.
/// - Precondition: there is a label for each sample, and k is from 1 to the number of classes.
public func topAccuracy(_ logits: Tensor, _ labels: Tensor, k: Int) -> Double {
  require(
    logits.rank == 2 && labels.dtype == .int32 && labels.shape == [logits.shape[0]],
    "topAccuracy: the labels are \(labels.type), the logits \(logits.type); give logits [N, C] and labels int32[N]"
  )
  let classCount = logits.shape[1]
  require(
    (1...max(classCount, 1)).contains(k),
    "topAccuracy: k is \(k); give a number from 1 to that of the classes, \(classCount)")
  requireClasses(labels, below: classCount, "topAccuracy")
  let (values, right) = ([Double](logits), [Int32](labels))
  var hits = 0
  for (row, label) in right.enumerated() {
    let own = values[row * classCount..<(row + 1) * classCount]
    let label = Int(label)
    if own.contains(where: \.isNaN) { continue }
    let score = own[own.startIndex + label]
    let before = own.enumerated().count {
      $0.element > score || $0.element == score && $0.offset < label
    }
    if before < k { hits += 1 }
  }
  return Double(hits) / Double(right.count)
}

/// Returns R², the share of the targets' variance that predictions explain: 1 − Σ(t − p)²/Σ(t − mean t)².
///
///     prediction: [A…], target: [A…]
///
/// 1 is perfect, 0 as good as the mean, less is worse. Of targets that are all the same: 1 where the predictions are
/// too, else −∞; NaN of none.
/// - Precondition: the types are equal.
public func rSquared(_ prediction: Tensor, _ target: Tensor) -> Double {
  requireSameType(prediction, target, "the prediction", "the target", "rSquared")
  guard target.count > 0 else { return .nan }
  // In units, a power of two, of which the squares can be added up.
  let wide = [prediction, target].map { $0.cast(to: .float64) }
  let largest = max(Double(wide[0].magnitude().max()), Double(wide[1].magnitude().max()))
  let unit = largest.isNormal ? Double(sign: .plus, exponent: -largest.exponent, significand: 1) : 1
  let (p, t) = (wide[0] * unit, wide[1] * unit)
  let rest = Double((t - p).squared().sum())
  let whole = Double(t.variance()) * Double(t.count)
  if whole == 0 { return rest == 0 ? 1 : -.infinity }
  return 1 - rest / whole
}

/// Stops at a label that is no class.
func requireClasses(_ labels: Tensor, below count: Int, _ metric: String) {
  if let wrong = labels.detached.firstNumber(outside: 0..<count) {
    stop("\(metric): a label is \(wrong); give classes from 0 to below \(count)")
  }
}
