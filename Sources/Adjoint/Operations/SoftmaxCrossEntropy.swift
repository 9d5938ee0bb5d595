internal import AdjointKernels

/// The cross-entropy of a softmax with the right class: −log softmax(x)[label].
///
///     logits: [N, C, A…], labels: int32[N, A…], axis: 1   →   [N, A…]
///
/// From log Σ eˣ, without overflow, and exact where the right class is nearly sure. Pullback:
/// x̄ = ȳ·(softmax(x) − onehot(label)).
struct SoftmaxCrossEntropy: FusedOperation {
  let name = "softmaxCrossEntropy"
  let axis: Int
  let reads = Reads.inputs(0, 1)
  var attributes: String { "axis: \(axis)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireReal([inputs[0]])
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
    let right = labels.oneHot(logits.shape[axis], axis: axis, dtype: logits.dtype)
    return [-(logits.logSoftmax(along: axis) * right).sum(over: [axis])]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) { computeReference(&frame) }

  func kernel(_ frame: inout KernelFrame<Float>) {
    guard let kernels = unsafe frame.instructions.kernels,
      let rows = LabeledRows(&frame, axis: axis, name)
    else {
      computeReference(&frame)
      return
    }
    let (x, y) = unsafe (frame.source(0), frame.target(0))
    inParallel(rows.count, grain: rows.grain) { range in
      let start = range.lowerBound
      unsafe withScratch(Float.self, count: rows.width) { scratch in
        unsafe kernels.pointee.softmaxCrossEntropy(
          x + start * rows.width, rows.labels + start, range.count, rows.width, y + start, scratch)
      }
    }
  }

  private func computeReference<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, type) = (frame.input(0), frame.inputType(0))
    let labels = frame.labels(axis: axis, name)
    let inner = type.shape[(axis + 1)...].reduce(1, *)
    let classes = type.shape[axis]
    var y = frame.output(0)
    for (sample, label) in labels.enumerated() {
      let start = sample / inner * inner * classes + sample % inner
      let (largest, rest) = exponentialsApart(of: x, from: start, stride: inner, count: classes)
      // Both logits may be large and their difference small; the sum may be 1 and a little: nothing
      // is lost.
      let maximum = Double(x[start + largest * inner])
      y[sample] = Scalar(maximum - Double(x[start + label * inner]) + Double.log1p(rest))
    }
  }

  func fusedPullback(_ rule: inout Pullback) {
    let (x, labels, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(0, to: SoftmaxCrossEntropyGradient(axis: axis)(x, labels, g))
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

/// The gradient of ``SoftmaxCrossEntropy``.
///
///     logits: [N, C, A…], labels: int32[N, A…], dy: [N, A…]   →   [N, C, A…]
///
/// (softmax(x) − onehot(label))·dy. At the label it is minus the sum of the other probabilities,
/// which keeps its digits where the label is nearly sure. Its own pullback is that of the
/// composition.
struct SoftmaxCrossEntropyGradient: FusedOperation {
  let name = "softmaxCrossEntropyGradient"
  let axis: Int
  var attributes: String { "axis: \(axis)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireReal([inputs[0], inputs[2]], count: 2)
    let type = inputs[0].reduced(over: [axis], keepingAxes: false)
    require(
      inputs[1] == type.with(.int32) && inputs[2] == type,
      "softmaxCrossEntropyGradient: labels are \(inputs[1]) and dy is \(inputs[2]) for logits "
        + "\(inputs[0]); give them \(type.with(.int32)) and \(type)")
    return [inputs[0]]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let (x, labels, dy) = (inputs[0], inputs[1], inputs[2])
    let right = labels.oneHot(x.shape[axis], axis: axis, dtype: x.dtype)
    return [(x.softmax(along: axis) - right) * dy.expanded(at: axis)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) { computeReference(&frame) }

  func kernel(_ frame: inout KernelFrame<Float>) {
    guard let kernels = unsafe frame.instructions.kernels,
      let rows = LabeledRows(&frame, axis: axis, name)
    else {
      computeReference(&frame)
      return
    }
    let (x, dy, dx) = unsafe (frame.source(0), frame.source(2), frame.target(0))
    inParallel(rows.count, grain: rows.grain) { range in
      let (start, first) = (range.lowerBound, range.lowerBound * rows.width)
      unsafe kernels.pointee.softmaxCrossEntropyGradient(
        x + first, rows.labels + start, dy + start, range.count, rows.width, dx + first)
    }
  }

  private func computeReference<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, dy, type) = (frame.input(0), frame.input(2), frame.inputType(0))
    let labels = frame.labels(axis: axis, name)
    let inner = type.shape[(axis + 1)...].reduce(1, *)
    let classes = type.shape[axis]
    var dx = frame.output(0)
    for (sample, label) in labels.enumerated() {
      let start = sample / inner * inner * classes + sample % inner
      let (largest, rest) = exponentialsApart(of: x, from: start, stride: inner, count: classes)
      let maximum = Double(x[start + largest * inner])
      let factor = Double(dy[sample]) / (1 + rest)
      for k in 0..<classes {
        let e = Double.exp(Double(x[start + k * inner]) - maximum)
        let others = label == largest ? rest : 1 + rest - e
        dx[start + k * inner] = Scalar((k == label ? -others : e) * factor)
      }
    }
  }

  /// None: further derivatives are those of the composition.
  func handles(cotangentsOf outputs: [Bool]) -> Bool { false }

  func fusedPullback(_ rule: inout Pullback) {}

  static var samples: [Sample] {
    let labels = Tensor([2, 0, 3] as [Int32])
    return [
      Sample(
        "rows", SoftmaxCrossEntropyGradient(axis: 1),
        [.sample([3, 4]), labels, .sample([3], seed: 2)]),
      Sample(
        "images", SoftmaxCrossEntropyGradient(axis: 1),
        [
          .sample([2, 3, 2]), Tensor([[2, 0], [1, 1]] as [[Int32]]), .sample([2, 2], seed: 2),
        ]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "softmaxCrossEntropyGradient: labels are int32[2] and dy is float32[3] for logits "
          + "float32[2, 4]; give them int32[2] and float32[2]"
      ) {
        _ = SoftmaxCrossEntropyGradient(axis: 1)(
          .zeros([2, 4]), .zeros([2], dtype: .int32), .zeros([3]))
      }
    ]
  }
}

/// Logits whose classes lie together, with a label for each row, for the kernels in C.
@safe
private struct LabeledRows {
  let count: Int
  let width: Int
  let labels: UnsafePointer<Int32>

  /// The rows of input 0 with the labels of input 1, which must be classes; nil if the classes lie
  /// along another axis than the last.
  init?(_ frame: inout KernelFrame<Float>, axis: Int, _ operation: String) {
    let type = frame.inputType(0)
    guard axis == type.rank - 1, type.count > 0 else { return nil }
    _ = frame.labels(axis: axis, operation)
    width = type.shape[axis]
    count = type.count / width
    unsafe labels = UnsafePointer(
      frame.inputs[1].rawPointer.assumingMemoryBound(to: Int32.self))
  }

  /// The least number of rows that is worth a thread.
  var grain: Int { max(1, 4096 / width) }
}

extension KernelFrame {
  /// The labels in input 1, each of which must be a class along an axis of input 0.
  fileprivate func labels(axis: Int, _ operation: String) -> [Int] {
    let (labels, type) = (input(1, as: Int32.self), inputType(0))
    return labels.indices.map { sample in
      let label = Int(labels[sample])
      require(
        (0..<type.shape[axis]).contains(label),
        "\(operation): the label \(label) is no class of \(type); "
          + "give 0 to \(type.shape[axis] - 1)")
      return label
    }
  }
}

/// The place of the largest of some elements, and Σ e^(x − largest) over the others, which next to
/// its 1 would lose their digits.
private func exponentialsApart<Scalar: RealScalar>(
  of x: Span<Scalar>, from start: Int, stride: Int, count: Int
) -> (largest: Int, rest: Double) {
  var largest = 0
  for k in 1..<max(count, 1) where x[start + k * stride] > x[start + largest * stride] {
    largest = k
  }
  let maximum = Double(x[start + largest * stride])
  var rest = 0.0
  for k in 0..<count where k != largest {
    rest += Double.exp(Double(x[start + k * stride]) - maximum)
  }
  return (largest, rest)
}

extension Tensor {
  /// Returns −log softmax(x)[label] for each sample.
  ///
  ///     logits: [N, C, A…], labels: int32[N, A…], axis: 1   →   [N, A…]
  ///
  /// Pullback: x̄ = ȳ·(softmax(x) − onehot(label)).
  /// - Precondition: the labels are int32 in the shape of the logits without `axis`, each a class.
  public func softmaxCrossEntropy(_ labels: Tensor, axis: Int = 1) -> Tensor {
    SoftmaxCrossEntropy(axis: resolved(axis, rank: rank, "softmaxCrossEntropy", type))(self, labels)
  }

  /// Returns 1 at the place that each label names along a new axis, and 0 elsewhere.
  ///
  ///     labels: int32[N], count: C   →   [N, C]
  ///
  /// A label that is no place gives only zeros. No gradient.
  public func oneHot(_ count: Int, axis: Int = -1, dtype: DType = .float32) -> Tensor {
    let axis = resolved(axis, rank: rank + 1, "oneHot", type)
    let places = Tensor.range(0..<count).channels(axis, rank: rank + 1)
    return (expanded(at: axis) .== places).cast(to: dtype)
  }
}
