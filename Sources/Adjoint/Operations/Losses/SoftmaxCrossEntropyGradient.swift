/// The gradient of ``SoftmaxCrossEntropy``.
///
///     logits: [N, C, A…], labels: int32[N, A…], dy: [N, A…]   →   [N, C, A…]
///
/// (softmax(x) − onehot(label))·dy. At the label it is minus the sum of the other probabilities,
/// which keeps its digits where the label is nearly sure. Where dy is 0, so are all of its gradients. Its own pullback is that of the
/// composition.
struct SoftmaxCrossEntropyGradient: FusedOperation {
  var name: String { "softmaxCrossEntropyGradient" }
  let axis: Int
  var attributes: String { "axis: \(axis)" }

  var cotangentInput: Int? { 2 }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 3)
    let type = inputs[0].reduced(over: [axis], keepingAxes: false)
    require(
      inputs[1] == type.with(.int32) && inputs[2] == type,
      "softmaxCrossEntropyGradient: labels are \(inputs[1]) and dy is \(inputs[2]) for logits "
        + "\(inputs[0]); give them \(type.with(.int32)) and \(type)")
    return [inputs[0]]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let (x, labels, dy) = (inputs[0], inputs[1], inputs[2])
    let right = labels.oneHot(x.shape[axis], at: axis, dtype: x.dtype)
    return [(x.softmax(along: axis) - right) * dy.expanded(at: axis)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, dy, type) = (frame.input(0), frame.input(2), frame.inputType(0))
    let labels = frame.labels(axis: axis, name)
    let split = AxisSplit(type, axis)
    let (classes, inner) = (split.extent, split.inner)
    var dx = frame.output(0)
    for (sample, label) in labels.enumerated() {
      let start = split.start(of: sample)
      guard dy[sample] != 0 else {
        for k in 0..<classes { dx[start + k * inner] = 0 }
        continue
      }
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
