internal import AdjointKernels

/// The gradient of a softmax, from its result.
///
///     y: [A…], dy: [A…]   →   dx: [A…], dx = y·(dy − Σ dy·y) along the axis
///
/// Its own pullback is that of the composition.
struct SoftmaxGradient: FusedOperation {
  var name: String { "softmaxGradient" }
  let axis: Int
  var attributes: String { "axis: \(axis)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 2)
    require(
      inputs[0] == inputs[1],
      "softmaxGradient: dy is \(inputs[1]), y is \(inputs[0]); give dy the type of y")
    return [inputs[0]]
  }

  func composed(_ inputs: [Tensor]) -> [Tensor] {
    let (y, dy) = (inputs[0], inputs[1])
    return [y * (dy - (dy * y).sum(over: [axis], keepingAxes: true))]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) { computeReference(&frame) }

  func kernel(_ frame: inout KernelFrame<Float>) {
    let type = frame.inputType(0)
    guard axis == type.rank - 1, type.count > 0, let kernels = unsafe frame.instructions.kernels
    else {
      computeReference(&frame)
      return
    }
    let width = type.shape[axis]
    let (y, dy, dx) = unsafe (frame.source(0), frame.source(1), frame.target(0))
    inParallel(type.count / width, grain: Grain.count(of: 2 * width)) {
      let start = $0.lowerBound * width
      unsafe kernels.pointee.softmaxGradient(y + start, dy + start, $0.count, width, dx + start)
    }
  }

  private func computeReference<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (y, dy, type) = (frame.input(0), frame.input(1), frame.inputType(0))
    let runs = type.runs(reducing: [axis])
    var sums = Array(repeating: 0.0, count: type.reduced(over: [axis], keepingAxes: true).count)
    for run in runs {
      for i in run.position..<run.position + runs.length {
        let group = run.offset + (i - run.position) * runs.stride
        sums[group] += Double(y[i]) * Double(dy[i])
      }
    }
    var dx = frame.output(0)
    for run in runs {
      for i in run.position..<run.position + runs.length {
        let group = run.offset + (i - run.position) * runs.stride
        dx[i] = Scalar(Double(y[i]) * (Double(dy[i]) - sums[group]))
      }
    }
  }

  static var samples: [Sample] {
    [
      Sample("rows", SoftmaxGradient(axis: 1), [.sample([3, 4]), .sample([3, 4], seed: 2)]),
      Sample(
        "inner axis", SoftmaxGradient(axis: 0), [.sample([3, 2]), .sample([3, 2], seed: 2)]),
      Sample("empty", SoftmaxGradient(axis: 1), [.sample([0, 2]), .sample([0, 2])]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("softmaxGradient: dy is float32[3], y is float32[2]; give dy the type of y") {
        _ = SoftmaxGradient(axis: 0)(.zeros([2]), .zeros([3]))
      }
    ]
  }
}
