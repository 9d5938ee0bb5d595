/// The place of the largest element along an axis, or of the smallest; of the first or the last, if several are
/// equal.
///
///     x: [A, B, C], axis: 1   →   int32[A, C]
///
/// The place of the first NaN, or the last one, if an element is NaN. No gradient.
struct ArgMax: Operation {
  var name: String { isMaximum ? "argMax" : "argMin" }
  var elementTypes: ElementTypes { .numeric }
  let axis: Int
  var isMaximum = true
  var takesLast = false
  var reads: Reads { .nothing }
  var attributes: String { "axis: \(axis)" + (takesLast ? ", the last" : "") }

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
      for i in 1..<max(split.extent, 1) {
        let (value, bestValue) = (x[start + i * inner], x[start + best * inner])
        let isTie = value == bestValue || value.isNotANumber && bestValue.isNotANumber
        if takesLast && isTie || value.supersedes(bestValue, asMaximum: isMaximum) { best = i }
      }
      y[group] = Int32(best)
    }
  }

  func pullback(_ rule: inout Pullback) {}

  func branches(inputs: [Tensor], outputs: [Tensor]) -> Tensor? { outputs[0] }

  static var samples: [Sample] {
    [
      Sample("rows", ArgMax(axis: 1), [.sample([3, 4])], isSmooth: false),
      Sample("ties", ArgMax(axis: 0), [Tensor([0, 1, 1] as [Double])], isSmooth: false),
      Sample(
        "the last of the smallest", ArgMax(axis: 1, isMaximum: false, takesLast: true),
        [Tensor([[0, 1, 0], [.nan, 0, .nan]] as [[Double]])], isSmooth: false),
    ]
  }
}

/// Which of several equal elements counts.
public enum Tie: Sendable {
  /// The first.
  case first
  /// The last.
  case last
}

extension Tensor {
  /// Returns the place of the largest element along an axis, as int32.
  /// - Parameters:
  ///   - axis: the axis; the last one unless said otherwise.
  ///   - tie: which of several equal ones counts; NaN is larger than all.
  ///   - keepingAxis: whether the axis stays, with extent 1.
  /// - Precondition: the axis is within the rank and not empty.
  public func argMax(
    over axis: Int = -1, tie: Tie = .first, keepingAxis: Bool = false
  ) -> Tensor { place(of: true, axis, tie, keepingAxis) }

  /// Returns the place of the smallest element along an axis, as int32.
  /// - Parameters:
  ///   - axis: the axis; the last one unless said otherwise.
  ///   - tie: which of several equal ones counts; NaN counts before all.
  ///   - keepingAxis: whether the axis stays, with extent 1.
  /// - Precondition: the axis is within the rank and not empty.
  public func argMin(
    over axis: Int = -1, tie: Tie = .first, keepingAxis: Bool = false
  ) -> Tensor { place(of: false, axis, tie, keepingAxis) }

  private func place(
    of maximum: Bool, _ axis: Int, _ tie: Tie, _ keepingAxis: Bool
  ) -> Tensor {
    let axis = resolved(axis, rank: rank, maximum ? "argMax" : "argMin", type)
    let places = ArgMax(axis: axis, isMaximum: maximum, takesLast: tie == .last)(self)
    return keepingAxis ? places.expanded(at: axis) : places
  }
}
