/// The places of the elements along an axis in their order; equal ones stay in theirs.
///
///     x: [A, B, C], axis: 1   →   int32[A, B, C]
///
/// NaN counts as the largest. No gradient.
struct ArgSort: Operation {
  var name: String { "argSort" }
  var elementTypes: ElementTypes { .numeric }
  let axis: Int
  let isDescending: Bool
  var reads: Reads { .nothing }
  var attributes: String { "axis: \(axis)" + (isDescending ? ", descending" : "") }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 1)
    return [inputs[0].with(.int32)]
  }

  func kernel<Scalar: NumericScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, split) = (frame.input(0), AxisSplit(frame.inputType(0), axis))
    var y = frame.output(0, as: Int32.self)
    for line in 0..<split.outer * split.inner {
      let start = split.start(of: line)
      let row = (0..<split.extent).map {
        (value: x[start + $0 * split.inner], place: Int32($0))
      }
      let sorted = row.sorted { left, right in
        let (a, b) = isDescending ? (right.value, left.value) : (left.value, right.value)
        if a < b || b.isNotANumber && !a.isNotANumber { return true }
        if b < a || a.isNotANumber && !b.isNotANumber { return false }
        return left.place < right.place
      }
      for i in 0..<split.extent { y[start + i * split.inner] = sorted[i].place }
    }
  }

  func pullback(_ rule: inout Pullback) {}

  func branches(inputs: [Tensor], outputs: [Tensor]) -> Tensor? { outputs[0] }

  static var samples: [Sample] {
    [
      Sample("rows", ArgSort(axis: 1, isDescending: false), [.sample([3, 4])], isSmooth: false),
      Sample(
        "ties and NaN", ArgSort(axis: 0, isDescending: true),
        [Tensor([1, .nan, 2, 1, 2, -1] as [Double])], isSmooth: false),
      Sample("columns", ArgSort(axis: 0, isDescending: true), [.sample([3, 2])], isSmooth: false),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("topK: 4 elements are asked for of axis 0 of float32[3]; give 0 to 3") {
        _ = Tensor.zeros([3]).topK(4)
      },
      Misuse("argSort: bool[1] is not a number; cast(to: .int32) first") {
        _ = Tensor([true]).argSort()
      },
    ]
  }
}

extension Tensor {
  /// Returns the places of the elements along an axis in ascending order, as int32.
  ///
  ///     x: [A, B, C], along: 1   →   int32[A, B, C]
  ///
  /// Equal ones stay in their order; NaN counts as the largest. No gradient.
  public func argSort(along axis: Int = -1, descending: Bool = false) -> Tensor {
    ArgSort(axis: resolved(axis, rank: rank, "argSort", type), isDescending: descending)(self)
  }

  /// Returns the elements along an axis in ascending order. NaN counts as the largest.
  ///
  ///     x: [A, B, C], along: 1   →   [A, B, C]
  ///
  /// Pullback: each ȳ goes to the place that its element comes from.
  public func sorted(along axis: Int = -1, descending: Bool = false) -> Tensor {
    speaking(as: "sorted") {
      gatherElements(argSort(along: axis, descending: descending), along: axis)
    }
  }

  /// Returns the k largest elements along an axis, the largest first, and their places as int32; or the
  /// smallest.
  ///
  ///     x: [A, B, C], along: 1   →   values: [A, k, C], places: int32[A, k, C]
  ///
  /// Of equal ones the first. Pullback: each ȳ goes to the place that its element comes from.
  /// - Precondition: there are k elements along the axis.
  public func topK(
    _ k: Int, along axis: Int = -1, smallest: Bool = false
  ) -> (values: Tensor, places: Tensor) {
    let axis = resolved(axis, rank: rank, "topK", type)
    require(
      (0...shape[axis]).contains(k),
      "topK: \(k) elements are asked for of axis \(axis) of \(type); give 0 to \(shape[axis])")
    let places = speaking(as: "topK") {
      argSort(along: axis, descending: !smallest).slice(0..<k, along: axis)
    }
    return (gatherElements(places, along: axis), places)
  }
}
