/// Zeros, and the elements at start, start + step, … along each axis.
///
///     x: [2], starts: [1], steps: [2], shape: [5]   →   0 x₀ 0 x₁ 0
///
/// Pullback: x̄ = ȳ where x lies: ``Slice``.
struct Pad: LinearOperation, UnroundedOperation {
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
  /// Returns the tensor with a number around it, so often before and after along each axis.
  ///
  ///     x: [2], before: [1], after: [2]   →   [5]
  ///
  /// Pullback: x̄ = ȳ where x lies.
  /// - Precondition: there is a number for each axis, none negative.
  public func padded(before: [Int], after: [Int], with value: Double) -> Tensor {
    let padded = padded(before: before, after: after)
    let inside = Tensor.ones(shape, dtype: .bool).padded(before: before, after: after)
    return padded.select(where: inside, otherwise: scalar(value, "pad"))
  }

  /// Returns the tensor with zeros around it: so many before and after along each axis.
  ///
  ///     x: [2], before: [1], after: [2]   →   [5]
  ///
  /// Pullback: x̄ = ȳ where x lies.
  /// - Precondition: there is a number for each axis, none negative.
  public func padded(before: [Int], after: [Int]) -> Tensor {
    let shape = paddedShape(before: before, after: after)
    if shape == self.shape { return self }
    return Pad(starts: before, steps: Array(repeating: 1, count: rank), shape: shape)(self)
  }

  /// The shape with so many elements more before and after along each axis.
  func paddedShape(before: [Int], after: [Int]) -> [Int] {
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
    return (0..<rank).map { clampedSum(before[$0], shape[$0], after[$0]) }
  }
}
