/// Elements start, start + step, … along each axis.
///
///     x: [5, 4], starts: [1, 0], steps: [2, 1], shape: [2, 4]   →   rows 1 and 3
///
/// Pullback: x̄ = ȳ in its place, zeros around and between: ``Pad``.
struct Slice: Operation {
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
      Misuse("slice: 1..<4 by 1 is not within axis 0 of float32[3]; give a range within 0..<3") {
        _ = Tensor.zeros([3]).slice(1..<4, along: 0)
      },
      Misuse("slice: 0..<2 by 0 is not within axis 0 of float32[3]; give a range within 0..<3") {
        _ = Tensor.zeros([3]).slice(0..<2, along: 0, step: 0)
      },
      Misuse("slice: 3..<4 by 1 is not within axis 0 of float32[3]; give a range within 0..<3") {
        _ = Tensor.zeros([3])[3]
      },
    ]
  }
}

/// Zeros, and the elements at start, start + step, … along each axis.
///
///     x: [2], starts: [1], steps: [2], shape: [5]   →   0 x₀ 0 x₁ 0
///
/// Pullback: x̄ = ȳ where x lies: ``Slice``.
struct Pad: Operation {
  var name: String { "pad" }
  var elementTypes: ElementTypes { .all }
  let starts: [Int]
  let steps: [Int]
  let shape: [Int]
  var reads: Reads { .nothing }
  var attributes: String { "from: \(starts), by: \(steps), to: \(shape)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] { [inputs[0].with(shape: shape)] }

  func kernel<Scalar: TensorScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, type, strides) = (frame.input(0), frame.inputType(0), frame.outputType(0).strides)
    let offset = zip(starts, strides).reduce(0) { $0 + $1.0 * $1.1 }
    let runs = StridedRuns(
      shape: type.shape, strides: zip(steps, strides).map { $0 * $1 }, offset: offset)
    var y = frame.output(0)
    for i in y.indices { y[i] = .zero }
    for run in runs {
      for i in 0..<runs.length { y[run.offset + i * runs.stride] = x[run.position + i] }
    }
  }

  func pullback(_ rule: inout Pullback) {
    let (type, g) = (rule.inputType(0), rule.cotangent)
    rule.set(0, to: Slice(starts: starts, steps: steps, shape: type.shape)(g))
  }

  static var samples: [Sample] {
    [
      Sample("around", Pad(starts: [1, 0], steps: [1, 1], shape: [4, 3]), [.sample([2, 3])]),
      Sample("between", Pad(starts: [1], steps: [2], shape: [6]), [.sample([3])]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("pad: -1 before axis 0 of float32[3] is negative; slice to take elements away") {
        _ = Tensor.zeros([3]).padded(before: [-1], after: [0])
      },
      Misuse("pad: float32[3] has 1 axes, the padding 2; give a number for each axis") {
        _ = Tensor.zeros([3]).padded(before: [1, 1], after: [0, 0])
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
  /// Pullback: x̄ = ȳ in its place, zeros elsewhere.
  /// - Precondition: the range lies within the axis, and the step is positive.
  public func slice(_ range: Range<Int>, along axis: Int, step: Int = 1) -> Tensor {
    let axis = resolved(axis, rank: rank, "slice", type)
    require(
      range.lowerBound >= 0 && range.upperBound <= shape[axis] && step > 0,
      "slice: \(range) by \(step) is not within axis \(axis) of \(type); "
        + "give a range within 0..<\(shape[axis])")
    if range == 0..<shape[axis], step == 1 { return self }
    var (starts, steps, shape) = (
      Array(repeating: 0, count: rank), Array(repeating: 1, count: rank), self.shape
    )
    starts[axis] = range.lowerBound
    steps[axis] = step
    shape[axis] = (range.count + step - 1) / step
    return Slice(starts: starts, steps: steps, shape: shape)(self)
  }

  /// The part at an index of the first axis, which goes.
  ///
  ///     x: [A, B…]   →   [B…]
  /// - Precondition: the index lies within the axis.
  public subscript(index: Int) -> Tensor { self[index..<index + 1].squeezed(0) }

  /// The part in a range of the first axis.
  ///
  ///     x: [A, B…], 1..<3   →   [2, B…]
  /// - Precondition: the range lies within the axis.
  public subscript(range: Range<Int>) -> Tensor { slice(range, along: 0) }

  /// Returns the tensor with zeros around it: so many before and after along each axis.
  ///
  ///     x: [2], before: [1], after: [2]   →   [5]
  ///
  /// Pullback: x̄ = ȳ where x lies.
  /// - Precondition: there is a number for each axis, none negative.
  public func padded(before: [Int], after: [Int]) -> Tensor {
    for padding in [before, after] {
      require(
        padding.count == rank,
        "pad: \(type) has \(rank) axes, the padding \(padding.count); give a number for each axis")
    }
    for (place, padding) in [("before", before), ("after", after)] {
      for axis in 0..<rank where padding[axis] < 0 {
        stop(
          "pad: \(padding[axis]) \(place) axis \(axis) of \(type) is negative; "
            + "slice to take elements away")
      }
    }
    let shape = (0..<rank).map { before[$0] + self.shape[$0] + after[$0] }
    if shape == self.shape { return self }
    return Pad(starts: before, steps: Array(repeating: 1, count: rank), shape: shape)(self)
  }
}
