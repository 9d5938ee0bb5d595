/// The place of the largest element so far along an axis, or of the smallest; of the first among equals.
///
///     x: [A, B, C], axis: 1   →   int32[A, B, C]
///
/// From the first NaN on its place. No gradient.
struct CumulativeArgMax: Operation {
  let axis: Int
  let isMaximum: Bool
  var name: String { isMaximum ? "cumulativeArgMax" : "cumulativeArgMin" }
  var elementTypes: ElementTypes { .numeric }
  var reads: Reads { .nothing }
  var attributes: String { "axis: \(axis)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 1)
    return [inputs[0].with(.int32)]
  }

  func kernel<Scalar: NumericScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, split) = (frame.input(0), AxisSplit(frame.inputType(0), axis))
    var y = frame.output(0, as: Int32.self)
    for line in 0..<split.outer * split.inner {
      let start = split.start(of: line)
      var best = 0
      for place in 0..<split.extent {
        let position = start + place * split.inner
        if x[position].supersedes(x[start + best * split.inner], asMaximum: isMaximum) {
          best = place
        }
        y[position] = Int32(best)
      }
    }
  }

  func pullback(_ rule: inout Pullback) {}

  func branches(inputs: [Tensor], outputs: [Tensor]) -> Tensor? { outputs[0] }

  static var samples: [Sample] {
    [
      Sample(
        "rows", CumulativeArgMax(axis: 1, isMaximum: true), [.sample([3, 4])], isSmooth: false),
      Sample(
        "ties", CumulativeArgMax(axis: 0, isMaximum: false),
        [Tensor([1, 0, 0, 2, .nan, 3] as [Double])], isSmooth: false),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("cumulativeMax: bool[1] is not a number; cast(to: .int32) first") {
        _ = Tensor([true]).cumulativeMax(along: 0)
      }
    ]
  }
}

extension Tensor {
  /// Returns the largest element so far along an axis. NaN from the first NaN on.
  ///
  ///     x: [A, B, C], along: 1   →   [A, B, C]
  ///
  /// Pullback: each ȳ goes to the first of the largest so far.
  public func cumulativeMax(along axis: Int) -> Tensor {
    let axis = resolved(axis, rank: rank, "cumulativeMax", type)
    let places = speaking(as: "cumulativeMax") {
      CumulativeArgMax(axis: axis, isMaximum: true)(self)
    }
    return gatherElements(places, along: axis)
  }

  /// Returns the smallest element so far along an axis. NaN from the first NaN on.
  ///
  ///     x: [A, B, C], along: 1   →   [A, B, C]
  ///
  /// Pullback: each ȳ goes to the first of the smallest so far.
  public func cumulativeMin(along axis: Int) -> Tensor {
    let axis = resolved(axis, rank: rank, "cumulativeMin", type)
    let places = speaking(as: "cumulativeMin") {
      CumulativeArgMax(axis: axis, isMaximum: false)(self)
    }
    return gatherElements(places, along: axis)
  }
}
