/// The gradient of a ``Convolution`` by its filters.
///
///     x: [N, G·C, A…], dy: [N, G·K, B…]   →   dw: [G·K, C, R…]
///
/// Pullback: that of x is the transposed convolution of dy, that of dy the convolution of x, both with
/// d̄w for filters.
struct ConvolutionWeightGradient: LinearOperation {
  var name: String { "convolutionWeightGradient" }
  let windows: Windows
  let kind: ConvolutionKind
  var groups: Int { kind.groups }
  var reads: Reads { .inputs(0, 1) }
  var linearity: Linearity? { .each }
  var attributes: String {
    "windows: \(windows.extents)" + (windows.attributes.isEmpty ? "" : ", \(windows.attributes)")
      + kind.attributes
  }

  var cotangentInput: Int? { kind.cotangentInput }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireOneType(inputs, count: 2)
    let (x, dy) = (inputs[0], inputs[1])
    require(
      (3...5).contains(x.rank) && dy.rank == x.rank && dy.shape[0] == x.shape[0]
        && windows.counts(over: Array(x.shape[2...]), name) == Array(dy.shape[2...]),
      "\(name): \(dy) is not what windows \(windows.extents) make of \(x)")
    return [x.with(shape: [dy.shape[1], x.shape[1] / groups] + windows.extents)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let geometry = ConvolutionGeometry(
      windows, groups, frame.inputType(0), frame.outputType(0), frame.inputType(1))
    let (x, dy) = (frame.input(0), frame.input(1))
    var sums = Array(repeating: 0.0, count: frame.outputType(0).count)
    geometry.forEachProduct { i, j, k in sums[j] += Double(x[i]) * Double(dy[k]) }
    var dw = frame.output(0)
    for j in dw.indices { dw[j] = Scalar(sums[j]) }
  }

  func pullback(_ rule: inout Pullback) {
    let (x, dy, g) = (rule.input(0), rule.input(1), rule.cotangent)
    rule.set(
      0,
      to: ConvolutionInputGradient(
        windows: windows, kind: kind.withCotangent(1), extents: Array(x.shape[2...]))(dy, g))
    rule.set(1, to: Convolution(windows: windows, kind: kind.withCotangent(1))(x, g))
  }

  static var samples: [Sample] {
    ConvolutionSamples.all.map { sample in
      Sample(
        sample.label, ConvolutionWeightGradient(windows: sample.windows, groups: sample.groups),
        [.sample(sample.x), .sample(sample.y, seed: 2)])
    }
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "convolutionWeightGradient: float32[2, 2, 8, 8] is not what windows [3, 3] make of "
          + "float32[2, 3, 8, 8]"
      ) {
        let windows = Windows([3, 3], strides: nil, padding: nil, dilations: nil, "convolution")
        _ = ConvolutionWeightGradient(windows: windows, groups: 1)(
          .zeros([2, 3, 8, 8]), .zeros([2, 2, 8, 8]))
      }
    ]
  }
}
