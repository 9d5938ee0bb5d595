/// The gradient of a softmax, or of its logarithm, from its result.
///
///     y: [A…], dy: [A…]   →   dx: [A…]
///
/// dx = y·(dy − Σ dy·y) along the axis; for the logarithm, dx = dy − eʸ·Σ dy. 0 where all of dy along the
/// axis is.
/// Its own pullback is that of the composition.
struct SoftmaxGradient: FusedOperation {
  let isLogarithm: Bool
  let axis: Int
  var name: String { isLogarithm ? "logSoftmaxGradient" : "softmaxGradient" }
  var attributes: String { "axis: \(axis)" }

  var cotangentInput: Int? { 1 }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 2)
    require(
      inputs[0] == inputs[1],
      "\(name): dy is \(inputs[1]), y is \(inputs[0]); give dy the type of y")
    return [inputs[0]]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let (y, dy) = (inputs[0], inputs[1])
    if isLogarithm { return [dy - y.exp() * dy.sum(over: [axis], keepingAxes: true)] }
    return [y * (dy - (dy * y).sum(over: [axis], keepingAxes: true))]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (y, dy, type) = (frame.input(0), frame.input(1), frame.inputType(0))
    let runs = type.runs(reducing: [axis])
    let groups = type.reduced(over: [axis], keepingAxes: true).count
    var sums = Array(repeating: CompensatedSum(), count: groups)
    var isZeros = Array(repeating: true, count: groups)
    for run in runs {
      for i in run.position..<run.position + runs.length {
        let group = run.offset + (i - run.position) * runs.stride
        if dy[i] != 0 { isZeros[group] = false }
        sums[group] += isLogarithm ? Double(dy[i]) : Double(y[i]) * Double(dy[i])
      }
    }
    var dx = frame.output(0)
    for run in runs {
      for i in run.position..<run.position + runs.length {
        let group = run.offset + (i - run.position) * runs.stride
        let (value, g, sum) = (Double(y[i]), Double(dy[i]), sums[group].value)
        if isZeros[group] {
          dx[i] = 0
          continue
        }
        dx[i] = Scalar(isLogarithm ? g - Double.exp(value) * sum : value * (g - sum))
      }
    }
  }

  static var samples: [Sample] {
    [false, true].flatMap { isLogarithm in
      func sample(_ label: String, _ axis: Int, _ shape: [Int]) -> Sample {
        Sample(
          label, SoftmaxGradient(isLogarithm: isLogarithm, axis: axis),
          [.sample(shape), .sample(shape, seed: 2)])
      }
      return [
        sample("rows", 1, [3, 4]), sample("inner axis", 0, [3, 2]), sample("empty", 1, [0, 2]),
      ]
    }
  }

  static var misuses: [Misuse] {
    [
      Misuse("softmaxGradient: dy is float32[3], y is float32[2]; give dy the type of y") {
        _ = SoftmaxGradient(isLogarithm: false, axis: 0)(.zeros([2]), .zeros([3]))
      }
    ]
  }
}
