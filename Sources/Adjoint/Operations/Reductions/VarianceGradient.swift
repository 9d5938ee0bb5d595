/// The gradient of ``Variance``.
///
///     x: [N, C, H, W], dy: [C], axes: [0, 2, 3]   →   [N, C, H, W]
///
/// 2/(n − d) · dy · (x − mean), and 0 where dy is; the mean of float64 is taken in two parts, so that an
/// offset costs no digits. Its own pullback is that of the composition.
struct VarianceGradient: FusedOperation {
  var name: String { "varianceGradient" }
  let axes: [Int]
  let correction: Int
  var attributes: String { "axes: \(axes), correction: \(correction)" }

  var cotangentInput: Int? { 1 }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 2)
    let type = inputs[0].reduced(over: axes, keepingAxes: false)
    require(
      inputs[1].dtype == type.dtype && inputs[1].count == type.count,
      "varianceGradient: dy is \(inputs[1]) for \(inputs[0]) over the axes \(axes); give it \(type)"
    )
    return [inputs[0]]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let (x, dy) = (inputs[0], inputs[1])
    return [(dy * factor(of: x.type)).expanded(over: axes, to: x.type) * x.centred(over: axes)]
  }

  /// 2/(n − d).
  func factor(of type: TensorType) -> Double {
    2 / Double(type.count(over: axes) - correction)
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, dy, type) = (frame.input(0), frame.input(1), frame.inputType(0))
    let (factor, runs) = (factor(of: type), type.runs(reducing: axes))
    let (means, _) = type.moments(of: x, over: axes)
    var dx = frame.output(0)
    for run in runs {
      for i in 0..<runs.length {
        let group = run.offset + i * runs.stride
        let (mean, remainder) = means[group]
        let deviation = Double(x[run.position + i]) - mean - remainder
        dx[run.position + i] = dy[group] == 0 ? 0 : Scalar(deviation * (factor * Double(dy[group])))
      }
    }
  }

  static var samples: [Sample] {
    func sample(_ label: String, _ axes: [Int], _ shape: [Int], _ count: Int, mean: Double = 0)
      -> Sample
    {
      Sample(
        label, VarianceGradient(axes: axes, correction: 1),
        [.sample(shape, mean: mean), .sample([count], seed: 2)])
    }
    return [
      sample("columns", [0], [5, 2], 2), sample("rows", [1], [2, 4], 2),
      sample("channels", [0, 2], [2, 3, 2], 3), sample("mean 1e4", [0], [4, 2], 2, mean: 1e4),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "varianceGradient: dy is float32[3] for float32[4, 2] over the axes [0]; give it float32[2]"
      ) { _ = VarianceGradient(axes: [0], correction: 0)(.zeros([4, 2]), .zeros([3])) }
    ]
  }
}
