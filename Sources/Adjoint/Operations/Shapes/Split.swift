/// The parts of a tensor along an axis, one after another.
///
///     x: [A, 5], extents: [2, 3], axis: 1   →   [A, 2], [A, 3]
///
/// One operation and not a slice for each part: the pullback writes x̄ once, where slices would add up as many
/// tensors of the whole extent as there are parts.
///
/// Pullback: x̄ is the concatenation of the parts' cotangents.
struct Split: LinearOperation, UnroundedOperation {
  var name: String { "split" }
  var elementTypes: ElementTypes { .all }
  let extents: [Int]
  let axis: Int
  /// So many parts may be asked for of an axis with fewer elements.
  static let mostParts = 1 << 16
  var reads: Reads { .nothing }
  var attributes: String { "into: \(extents), axis: \(axis)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    extents.map { extent in
      var shape = inputs[0].shape
      shape[axis] = extent
      return inputs[0].with(shape: shape)
    }
  }

  func kernel<Scalar: TensorScalar>(_ frame: inout KernelFrame<Scalar>) {
    let whole = AxisSplit(frame.inputType(0), axis)
    let (x, row) = (frame.input(0), whole.extent * whole.inner)
    var start = 0
    for (number, extent) in extents.enumerated() {
      let length = extent * whole.inner
      var y = frame.output(number)
      for block in 0..<whole.outer {
        for i in 0..<length { y[block * length + i] = x[block * row + start + i] }
      }
      start += length
    }
  }

  func pullback(_ rule: inout Pullback) {
    let cotangents = extents.indices.map { rule.cotangent($0) }
    rule.set(0, to: .concatenated(cotangents, along: axis))
  }

  static var samples: [Sample] {
    [
      Sample("columns", Split(extents: [2, 1, 2], axis: 1), [.sample([3, 5])]),
      Sample("with nothing", Split(extents: [0, 2], axis: 0), [.sample([2, 3])]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "split: the extents [2, 2] do not add up to axis 0 of float32[3]; give such as do"
      ) { _ = Tensor.zeros([3]).split(into: [2, 2]) },
      Misuse("split: 0 parts are asked for; give 1 or more") {
        _ = Tensor.zeros([3]).split(count: 0)
      },
      Misuse(
        "split: 9223372036854775807 parts are asked for, and axis 0 of float32[3] has 3 elements; give at "
          + "most 65536"
      ) { _ = Tensor.zeros([3]).split(count: .max) },
    ]
  }
}

extension Tensor {
  /// Returns the parts of the tensor along an axis that have these extents, one after another.
  ///
  ///     x: [A, 5], extents: [2, 3], along: 1   →   [A, 2], [A, 3]
  ///
  /// Pullback: x̄ is the concatenation of the parts' cotangents.
  /// - Precondition: the extents add up to that of the axis.
  public func split(into extents: [Int], along axis: Int = 0) -> [Tensor] {
    let axis = resolved(axis, rank: rank, "split", type)
    require(
      extents.allSatisfy { $0 >= 0 }
        && extents.reduce(0) { clampedSum($0, $1) } == shape[axis],
      "split: the extents \(extents) do not add up to axis \(axis) of \(type); give such as do")
    if extents.count < 2 { return extents.map { _ in self } }
    return Split(extents: extents, axis: axis).outputs(of: [self])
  }

  /// Returns so many parts of the tensor along an axis, of one extent but for the last, which may be shorter.
  ///
  ///     x: [7], count: 3, along: 0   →   [3], [3], [1]
  ///
  /// Parts that nothing is left for are empty. Pullback: x̄ is the concatenation of the parts' cotangents.
  /// - Precondition: there are one or more, and no more than the axis has elements, or 65536.
  public func split(count: Int, along axis: Int = 0) -> [Tensor] {
    require(count >= 1, "split: \(count) parts are asked for; give 1 or more")
    let axis = resolved(axis, rank: rank, "split", type)
    let whole = shape[axis]
    require(
      count <= Swift.max(whole, Split.mostParts),
      "split: \(count) parts are asked for, and axis \(axis) of \(type) has \(whole) elements; give at most "
        + "\(Swift.max(whole, Split.mostParts))")
    let extent = whole / count + (whole.isMultiple(of: count) ? 0 : 1)
    return split(
      into: (0..<count).map { Swift.max(0, Swift.min(extent, whole - $0 * extent)) }, along: axis)
  }

  /// Returns the tensors that lie one after another along an axis, without it.
  ///
  ///     x: [A, 3], along: 1   →   [A], [A], [A]
  ///
  /// For going through the steps of sequences: the subscript takes them out one by one, but then each step's
  /// cotangent is added to all others'.
  ///
  /// Pullback: x̄ is the stack of the parts' cotangents.
  public func unstacked(along axis: Int = 0) -> [Tensor] {
    let axis = resolved(axis, rank: rank, "unstacked", type)
    return split(into: Array(repeating: 1, count: shape[axis]), along: axis)
      .map { $0.squeezed(at: [axis]) }
  }
}
