/// The sum of the elements so far along an axis.
///
///     x: [A, B, C], axis: 1   →   [A, B, C]
///
/// In float64, rounded for each element; those of int32 must fit. Pullback: x̄ is the cumulative sum of ȳ from
/// the other end.
struct CumulativeSum: LinearOperation {
  var name: String { "cumulativeSum" }
  var elementTypes: ElementTypes { .numeric }
  let axis: Int
  /// Whether an element's own value is left out of its sum.
  let isExclusive: Bool
  /// Whether sums begin at the last element.
  let isReversed: Bool
  var reads: Reads { .nothing }
  var attributes: String {
    "axis: \(axis)" + (isExclusive ? ", exclusive" : "") + (isReversed ? ", reversed" : "")
  }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 1)
    return inputs
  }

  func kernel<Scalar: NumericScalar>(_ frame: inout KernelFrame<Scalar>) {
    let x = frame.input(0)
    let lines = ScanLines(frame.inputType(0), axis, isReversed: isReversed)
    var y = frame.output(0)
    for line in 0..<lines.count {
      var sum: Scalar.Accumulator = 0
      for step in 0..<lines.extent {
        let place = lines.place(line, step)
        let before = sum
        sum += x[place].widened
        y[place] = Scalar(narrowing: isExclusive ? before : sum)
      }
    }
  }

  func pullback(_ rule: inout Pullback) {
    let g = rule.cotangent
    rule.set(
      0, to: CumulativeSum(axis: axis, isExclusive: isExclusive, isReversed: !isReversed)(g))
  }

  static var samples: [Sample] {
    func sample(_ label: String, _ shape: [Int], _ axis: Int, _ exclusive: Bool, _ reversed: Bool)
      -> Sample
    {
      Sample(
        label, CumulativeSum(axis: axis, isExclusive: exclusive, isReversed: reversed),
        [.sample(shape)])
    }
    return [
      sample("a line", [5], 0, false, false), sample("inner axis", [2, 3, 2], 1, false, false),
      sample("exclusive", [2, 4], 1, true, false), sample("reversed", [4, 2], 0, false, true),
      sample("both", [3, 3], 1, true, true), sample("of nothing", [0, 2], 0, false, false),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("cumulativeSum: the axis 1 is not within float32[3]; give one from -1 to 0") {
        _ = Tensor.zeros([3]).cumulativeSum(along: 1)
      }
    ]
  }
}

extension Tensor {
  /// Returns the sum of the elements so far along an axis, their own included unless `exclusive`.
  ///
  ///     x: [A, B, C], along: 1   →   [A, B, C]
  ///
  /// Pullback: x̄ is the cumulative sum of ȳ from the other end.
  /// - Parameters:
  ///   - axis: the axis along which sums grow.
  ///   - exclusive: whether an element's own value is left out of its sum.
  ///   - reversed: whether sums begin at the last element.
  public func cumulativeSum(
    along axis: Int, exclusive: Bool = false, reversed: Bool = false
  ) -> Tensor {
    CumulativeSum(
      axis: resolved(axis, rank: rank, "cumulativeSum", type), isExclusive: exclusive,
      isReversed: reversed)(self)
  }
}
