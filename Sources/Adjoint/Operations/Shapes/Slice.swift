/// Elements start, start + step, … along each axis.
///
///     x: [5, 4], starts: [1, 0], steps: [2, 1], shape: [2, 4]   →   rows 1 and 3
///
/// Pullback: x̄ = ȳ in its place, zeros around and between: ``Pad``.
struct Slice: LinearOperation, UnroundedOperation {
  var name: String { "slice" }
  var elementTypes: ElementTypes { .all }
  let starts: [Int]
  let steps: [Int]
  let shape: [Int]
  var reads: Reads { .nothing }
  var attributes: String { "from: \(starts), by: \(steps), to: \(shape)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] { [inputs[0].with(shape: shape)] }

  func kernel<Scalar: TensorScalar>(_ frame: inout KernelFrame<Scalar>) {
    let strides = frame.inputType(0).strides
    let offset = zip(starts, strides).reduce(0) { $0 + $1.0 * $1.1 }
    frame.gather(
      StridedRuns(shape: shape, strides: zip(steps, strides).map { $0 * $1 }, offset: offset))
  }

  func pullback(_ rule: inout Pullback) {
    let (type, g) = (rule.inputType(0), rule.cotangent)
    rule.set(0, to: Pad(starts: starts, steps: steps, shape: type.shape)(g))
  }

  static var samples: [Sample] {
    [
      Sample("rows", Slice(starts: [1, 0], steps: [1, 1], shape: [2, 3]), [.sample([4, 3])]),
      Sample("every other", Slice(starts: [1], steps: [2], shape: [3]), [.sample([7])]),
      Sample("nothing", Slice(starts: [1], steps: [1], shape: [0]), [.sample([3])]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("slice: 1..<4 is not within axis 0 of float32[3]; give a range within 0..<3") {
        _ = Tensor.zeros([3]).slice(1..<4, along: 0)
      },
      Misuse("slice: the step is 0; give 1 or more, or -1 or less for the other order") {
        _ = Tensor.zeros([3]).slice(0..<2, along: 0, step: 0)
      },
      Misuse(
        "subscript: -2..<0 ends before the first element of axis 0 of float32[3]; to the end it is 1..<3"
      ) { _ = Tensor.zeros([3])[-2..<0] },
      Misuse("subscript: 1..<5 is not within axis 0 of float32[3]; give a range within 0..<3") {
        _ = Tensor.zeros([3])[1..<5]
      },
      Misuse("subscript: the index 3 is not within float32[3]; give one from -3 to 2") {
        _ = Tensor.zeros([3])[3]
      },
    ]
  }
}

extension Tensor {
  /// Returns the part of the tensor that lies in a range along an axis, or every `step`-th element
  /// of it.
  ///
  ///     x: [5, 4], 1..<5, axis: 0, step: 2   →   [2, 4]
  ///
  /// Two negative bounds count from the end of the axis: -3 ..< -1 are the two before the last. A negative step
  /// begins at the last element of the range: 1..<5 by −2 are the elements 4 and 2.
  /// Pullback: x̄ = ȳ in its place, zeros elsewhere.
  /// - Precondition: the range lies within the axis, and the step is not 0.
  public func slice(_ range: Range<Int>, along axis: Int, step: Int = 1) -> Tensor {
    require(
      step != 0, "slice: the step is 0; give 1 or more, or -1 or less for the other order")
    if step < 0 {
      let whole = part(range, along: axis, step: 1, "slice").flipped(along: axis)
      let axis = resolved(axis, rank: rank, "slice", type)
      return whole.slice(0..<whole.shape[axis], along: axis, step: -Swift.max(step, -.max))
    }
    return part(range, along: axis, step: step, "slice")
  }

  /// The part that `operation` is asked for.
  private func part(_ range: Range<Int>, along axis: Int, step: Int, _ operation: String) -> Tensor
  {
    let axis = resolved(axis, rank: rank, operation, type)
    let extent = shape[axis]
    require(
      range.upperBound != 0 || !(-extent..<0).contains(range.lowerBound),
      "\(operation): \(range) ends before the first element of axis \(axis) of \(type); to the end it is "
        + "\(range.lowerBound + extent)..<\(extent)")
    let range = counted(range, along: axis)
    require(
      range.lowerBound >= 0 && range.upperBound <= extent,
      "\(operation): \(range) is not within axis \(axis) of \(type); give a range within 0..<\(extent)"
    )
    if range == 0..<shape[axis], step == 1 { return self }
    var (starts, steps, shape) = (
      Array(repeating: 0, count: rank), Array(repeating: 1, count: rank), self.shape
    )
    starts[axis] = range.lowerBound
    // A step beyond the range is taken by no one, and need not be counted with.
    steps[axis] = Swift.min(step, Swift.max(range.count, 1))
    shape[axis] = range.isEmpty ? 0 : (range.count - 1) / step + 1
    return Slice(starts: starts, steps: steps, shape: shape)(self)
  }

  /// A range whose bounds both count from the end of an axis, as one that counts from its start.
  private func counted(_ range: Range<Int>, along axis: Int) -> Range<Int> {
    guard range.upperBound < 0, range.lowerBound >= -shape[axis] else {
      return range
    }
    return range.lowerBound + shape[axis]..<range.upperBound + shape[axis]
  }

  /// The part at an index of the first axis, which goes; a negative one counts from the end.
  ///
  ///     x: [A, B…]   →   [B…]
  /// - Precondition: the index lies within the axis.
  public subscript(index: Int) -> Tensor {
    require(
      rank > 0 && (-shape[0]..<shape[0]).contains(index),
      "subscript: the index \(index) is not within \(type); "
        + (rank > 0 && shape[0] > 0
          ? "give one from \(-shape[0]) to \(shape[0] - 1)"
          : "it has no elements along a first axis"))
    let place = index < 0 ? index + shape[0] : index
    return self[place..<place + 1].squeezed(at: 0)
  }

  /// The part in a range of the first axis.
  ///
  ///     x: [A, B…], 1..<3   →   [2, B…]
  /// - Precondition: the range lies within the axis.
  public subscript(range: Range<Int>) -> Tensor { part(range, along: 0, step: 1, "subscript") }
}
