/// The gradient of ``Extremum``.
///
///     x: [A, B, C], y: [B], dy: [B], axes: [0, 2]   →   [A, B, C]
///
/// dy, in equal parts, where x is equal to y, and 0 elsewhere. NaN where y is, of which no part is known,
/// unless dy is 0.
/// Its own pullback is that of the composition: 0 for x and y, whose places do not move.
struct ExtremumGradient: FusedOperation {
  var name: String { "extremumGradient" }
  let axes: [Int]
  var attributes: String { "axes: \(axes)" }

  var cotangentInput: Int? { 2 }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 3)
    let type = inputs[0].reduced(over: axes, keepingAxes: false)
    require(
      inputs[1] == inputs[2] && inputs[1].dtype == type.dtype && inputs[1].count == type.count,
      "extremumGradient: y is \(inputs[1]) and dy is \(inputs[2]) for \(inputs[0]) over the axes "
        + "\(axes); give them \(type)")
    return [inputs[0]]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let (x, y, dy) = (inputs[0], inputs[1], inputs[2])
    let isWinner = (x .== y.expanded(over: axes, to: x.type)).cast(to: x.dtype)
    let share = isWinner / isWinner.sum(over: axes, keepingAxes: true)
    return [dy.expanded(over: axes, to: x.type) * share]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, y, dy) = (frame.input(0), frame.input(1), frame.input(2))
    let runs = frame.inputType(0).runs(reducing: axes)
    var counts = Array(repeating: Scalar.zero, count: y.count)
    for run in runs {
      for i in 0..<runs.length {
        let group = run.offset + i * runs.stride
        if x[run.position + i] == y[group] { counts[group] += 1 }
      }
    }
    var dx = frame.output(0)
    for run in runs {
      for i in 0..<runs.length {
        let group = run.offset + i * runs.stride
        let isWinner: Scalar = x[run.position + i] == y[group] ? 1 : 0
        dx[run.position + i] = dy[group] == 0 ? 0 : isWinner * (dy[group] / counts[group])
      }
    }
  }

  func branches(inputs: [Tensor], outputs: [Tensor]) -> Tensor? {
    (inputs[0] .== inputs[1].expanded(over: axes, to: inputs[0].type)).cast(to: .int32)
  }

  static var samples: [Sample] {
    let x = Tensor([[1, 3, 3], [0, -1, -2]] as [[Double]])
    return [
      Sample(
        "rows", ExtremumGradient(axes: [1]), [x, x.max(over: [1]), .sample([2])], isSmooth: false),
      Sample(
        "columns", ExtremumGradient(axes: [0]), [x, x.max(over: [0]), .sample([3])],
        isSmooth: false),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "extremumGradient: y is float32[2] and dy is float32[3] for float32[2, 3] over the axes [1]; "
          + "give them float32[2]"
      ) { _ = ExtremumGradient(axes: [1])(.zeros([2, 3]), .zeros([2]), .zeros([3])) }
    ]
  }
}
