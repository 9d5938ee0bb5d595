/// The place of the largest element along an axis; of the first, if several are equal.
///
///     x: [A, B, C], axis: 1   →   int32[A, C]
///
/// The place of the first NaN, if an element is NaN. No gradient.
struct ArgMax: Operation {
  var name: String { "argMax" }
  var elementTypes: ElementTypes { .numeric }
  let axis: Int
  var reads: Reads { .nothing }
  var attributes: String { "axis: \(axis)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    let type = inputs[0].reduced(over: [axis], keepingAxes: false)
    requireElements(inputs[0], over: [axis], result: type)
    return [type.with(.int32)]
  }

  func kernel<Scalar: NumericScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, split) = (frame.input(0), AxisSplit(frame.inputType(0), axis))
    var y = frame.output(0, as: Int32.self)
    for group in y.indices {
      let (start, inner) = (split.start(of: group), split.inner)
      var best = 0
      for i in 1..<max(split.extent, 1)
      where x[start + i * inner].supersedes(x[start + best * inner], asMaximum: true) { best = i }
      y[group] = Int32(best)
    }
  }

  func pullback(_ rule: inout Pullback) {}

  func branches(inputs: [Tensor], outputs: [Tensor]) -> Tensor? { outputs[0] }

  static var samples: [Sample] {
    [
      Sample("rows", ArgMax(axis: 1), [.sample([3, 4])], isSmooth: false),
      Sample("ties", ArgMax(axis: 0), [Tensor([0, 1, 1] as [Double])], isSmooth: false),
    ]
  }
}

extension Tensor {
  /// Returns the place of the largest element along an axis, as int32; of the first among equals.
  /// - Parameters:
  ///   - axis: the axis; the last one unless said otherwise.
  ///   - keepingAxis: whether the axis stays, with extent 1.
  /// - Precondition: the axis is within the rank and not empty.
  public func argMax(over axis: Int = -1, keepingAxis: Bool = false) -> Tensor {
    let axis = resolved(axis, rank: rank, "argMax", type)
    let places = ArgMax(axis: axis)(self)
    return keepingAxis ? places.expanded(at: axis) : places
  }
}
