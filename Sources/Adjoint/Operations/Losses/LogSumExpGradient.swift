/// The gradient of ``LogSumExp`` along an axis.
///
///     x: [A, B, C], dy: [A, C], axis: 1   →   [A, B, C]
///
/// ȳ·softmax x, which is e^(x − y) without the rounding of y: at [10⁸, 10⁸] it is ½ each. Where all
/// elements are −∞, y is −∞ whatever finite numbers are added to them, and the gradient is 0. Where one
/// is ∞, it is ȳ·e^(x − ∞), which is NaN there and 0 elsewhere. Where ȳ is 0, so is the gradient. Its own pullback is that of the
/// composition.
struct LogSumExpGradient: FusedOperation {
  var name: String { "logSumExpGradient" }
  let axis: Int
  var attributes: String { "axis: \(axis)" }

  var cotangentInput: Int? { 1 }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 2)
    let type = inputs[0].reduced(over: [axis], keepingAxes: false)
    require(
      inputs[1] == type,
      "logSumExpGradient: dy is \(inputs[1]) for \(inputs[0]) along axis \(axis); give it \(type)")
    return [inputs[0]]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let (x, dy) = (inputs[0], inputs[1])
    // Where all elements are −∞ there are no shares, and no gradient of any order.
    let isSomething = x.max(over: axis, keepingAxes: true) .> -.infinity
    let shares = x.softmax(along: axis).select(where: isSomething, otherwise: 0)
    return [shares * dy.expanded(at: axis)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, dy, split) = (frame.input(0), frame.input(1), AxisSplit(frame.inputType(0), axis))
    guard split.extent > 0 else { return }
    var dx = frame.output(0)
    for group in 0..<split.outer * split.inner {
      let (start, inner) = (split.start(of: group), split.inner)
      guard dy[group] != 0 else {
        for k in 0..<split.extent { dx[start + k * inner] = 0 }
        continue
      }
      let (largest, rest) = exponentialsApart(
        of: x, from: start, stride: inner, count: split.extent)
      let maximum = Double(x[start + largest * inner])
      let shift = maximum == -.infinity ? 0 : maximum
      let factor = maximum.isInfinite ? Double(dy[group]) : Double(dy[group]) / (1 + rest)
      for k in 0..<split.extent {
        dx[start + k * inner] = Scalar(Double.exp(Double(x[start + k * inner]) - shift) * factor)
      }
    }
  }

  static var samples: [Sample] {
    [
      Sample(
        "rows", LogSumExpGradient(axis: 1), [.sample([3, 4]), .sample([3], seed: 2)]),
      Sample(
        "inner axis", LogSumExpGradient(axis: 1),
        [.sample([2, 3, 2]), .sample([2, 2], seed: 2)]),
      Sample(
        "offset 1e4", LogSumExpGradient(axis: 0),
        [.sample([3, 2], mean: 1e4), .sample([2], seed: 2)]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "logSumExpGradient: dy is float32[3] for float32[2, 3] along axis 1; give it float32[2]"
      ) { _ = LogSumExpGradient(axis: 1)(.zeros([2, 3]), .zeros([3])) }
    ]
  }
}
