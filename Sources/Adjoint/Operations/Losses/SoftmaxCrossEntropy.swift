/// The cross-entropy of a softmax with the right class: −log softmax(x)[label].
///
///     logits: [N, C, A…], labels: int32[N, A…], axis: 1   →   [N, A…]
///
/// From log Σ eˣ, without overflow, and exact where the right class is nearly sure. Unknown, as all of
/// softmax is, where a logit is ∞ or all are −∞. Pullback: x̄ = ȳ·(softmax(x) − onehot(label)).
struct SoftmaxCrossEntropy: FusedOperation {
  var name: String { "softmaxCrossEntropy" }
  let axis: Int
  var reads: Reads { .inputs(0, 1) }
  var attributes: String { "axis: \(axis)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 2)
    let type = inputs[0].reduced(over: [axis], keepingAxes: false)
    require(
      inputs[1] == type.with(.int32),
      "softmaxCrossEntropy: the labels are \(inputs[1]), logits are \(inputs[0]) with classes along "
        + "axis \(axis); give labels \(type.with(.int32))")
    requireElements(inputs[0], over: [axis], result: type)
    return [type]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let (logits, labels) = (inputs[0], inputs[1])
    // Selected, not multiplied by 0: the logarithm of a share that is 0 is −∞.
    let isRight = labels.oneHot(logits.shape[axis], at: axis, dtype: .bool)
    let logarithms = logits.logSoftmax(along: axis)
    return [-logarithms.select(where: isRight, otherwise: 0).sum(over: [axis])]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, type) = (frame.input(0), frame.inputType(0))
    let labels = frame.labels(axis: axis, name)
    let split = AxisSplit(type, axis)
    let (classes, inner) = (split.extent, split.inner)
    var y = frame.output(0)
    for (sample, label) in labels.enumerated() {
      let start = split.start(of: sample)
      let (largest, rest) = exponentialsApart(of: x, from: start, stride: inner, count: classes)
      // Both logits may be large and their difference small; the sum may be 1 and a little: nothing
      // is lost.
      let maximum = Double(x[start + largest * inner])
      y[sample] = Scalar(maximum - Double(x[start + label * inner]) + Double.log1p(rest))
    }
  }

  func fusedPullback(_ rule: inout Pullback) -> Bool {
    let (x, labels, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: SoftmaxCrossEntropyGradient(axis: axis)(x, labels, g))
    return true
  }

  static var samples: [Sample] {
    let labels = Tensor([2, 0, 3] as [Int32])
    return [
      Sample("rows", SoftmaxCrossEntropy(axis: 1), [.sample([3, 4]), labels]),
      Sample("offset 1e4", SoftmaxCrossEntropy(axis: 1), [.sample([3, 4], mean: 1e4), labels]),
      Sample(
        "images", SoftmaxCrossEntropy(axis: 1),
        [.sample([2, 3, 2]), Tensor([[2, 0], [1, 1]] as [[Int32]])]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("softmaxCrossEntropy: the label 4 is no class of float32[1, 4]; give 0 to 3") {
        _ = [Float](Tensor.zeros([1, 4]).softmaxCrossEntropy(Tensor([4] as [Int32])))
      },
      Misuse(
        "softmaxCrossEntropy: the labels are float32[1], logits are float32[1, 4] with classes along "
          + "axis 1; give labels int32[1]"
      ) { _ = Tensor.zeros([1, 4]).softmaxCrossEntropy(Tensor([3])) },
    ]
  }
}

extension Tensor {
  /// Returns −log softmax(x)[label] for each sample.
  ///
  ///     logits: [N, C, A…], labels: int32[N, A…], over: 1   →   [N, A…]
  ///
  /// Without overflow; NaN, with a gradient of NaN, where a logit is ∞ or all are −∞. Pullback:
  /// x̄ = ȳ·(softmax(x) − onehot(label)).
  /// - Precondition: the labels are int32 in the shape of the logits without `axis`, each a class.
  public func softmaxCrossEntropy(_ labels: Tensor, over axis: Int = 1) -> Tensor {
    SoftmaxCrossEntropy(axis: resolved(axis, rank: rank, "softmaxCrossEntropy", type))(self, labels)
  }

  /// Returns 1 at the place that each label names along a new axis, and 0 elsewhere.
  ///
  ///     labels: int32[N], count: C   →   [N, C]
  ///
  /// A label that is no place gives only zeros. No gradient.
  /// - Precondition: the labels are int32.
  public func oneHot(_ count: Int, at axis: Int = -1, dtype kind: DType = .float32) -> Tensor {
    require(
      count >= 0 && count <= Int32.max,
      "oneHot: there are \(count) places; give a number from 0 to \(Int32.max)")
    require(dtype == .int32, "oneHot: the labels are \(type); give int32")
    let axis = resolved(axis, rank: rank + 1, "oneHot", type)
    let places = Tensor.range(0..<count).channels(axis, rank: rank + 1)
    return (expanded(at: axis) .== places).cast(to: kind)
  }
}
