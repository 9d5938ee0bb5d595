// Elements in another order along an axis, or several times.

extension Tensor {
  /// Returns the elements in the opposite order along axes.
  ///
  ///     x: [A, B], along: [0]   →   [A, B]
  ///
  /// Pullback: x̄ is ȳ flipped back.
  public func flipped(along axes: [Int]) -> Tensor {
    resolved(axes, rank: rank, "flipped", type).reduce(self) { x, axis in
      x.gather(Tensor(Array((0..<x.shape[axis]).reversed())), along: axis)
    }
  }

  /// Returns the elements in the opposite order along an axis. Pullback: x̄ is ȳ flipped back.
  public func flipped(along axis: Int) -> Tensor { flipped(along: [axis]) }

  /// Returns the elements moved on along an axis; what goes over the end comes in at the start.
  ///
  ///     x: [0, 1, 2, 3], by: 1, along: 0   →   [3, 0, 1, 2]
  ///
  /// Pullback: x̄ is ȳ rolled back.
  public func rolled(by count: Int, along axis: Int) -> Tensor {
    let axis = resolved(axis, rank: rank, "rolled", type)
    let extent = shape[axis]
    guard extent > 0 else { return self }
    let shift = ((count % extent) + extent) % extent
    if shift == 0 { return self }
    return .concatenated(
      [slice(extent - shift..<extent, along: axis), slice(0..<extent - shift, along: axis)],
      along: axis)
  }

  /// Returns the whole repeated so many times along each axis.
  ///
  ///     x: [A, B], counts: [2, 3]   →   [2·A, 3·B]
  ///
  /// Pullback: x̄ is the sum of ȳ over the repetitions.
  /// - Precondition: there is a count for each axis, none negative.
  public func tiled(_ counts: [Int]) -> Tensor {
    require(
      counts.count == rank && counts.allSatisfy { $0 >= 0 },
      "tiled: the counts are \(counts) for \(type); give one of 0 or more for each axis")
    let axes = zip(counts, shape)
    return reshaped(to: shape.flatMap { [1, $0] })
      .broadcast(to: axes.flatMap { [$0, $1] }).reshaped(to: axes.map { $0 * $1 })
  }

  /// Returns each element repeated so many times along an axis.
  ///
  ///     x: [1, 2], count: 3, along: 0   →   [1, 1, 1, 2, 2, 2]
  ///
  /// Pullback: x̄ is the sum of ȳ over the repetitions.
  /// - Precondition: the count is not negative.
  public func repeated(_ count: Int, along axis: Int) -> Tensor {
    require(count >= 0, "repeated: the count is \(count); give 0 or more")
    let axis = resolved(axis, rank: rank, "repeated", type)
    var (apart, whole) = (shape, shape)
    apart.insert(count, at: axis + 1)
    let (extent, overflow) = whole[axis].multipliedReportingOverflow(by: count)
    require(
      !overflow,
      "repeated: \(count) times \(type) along axis \(axis) is more than can be counted; give fewer")
    whole[axis] = extent
    return expanded(at: axis + 1).broadcast(to: apart).reshaped(to: whole)
  }

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
    var start = 0
    return extents.map { extent in
      defer { start += extent }
      return slice(start..<start + extent, along: axis)
    }
  }

  /// Returns so many parts of the tensor along an axis, of one extent but for the last, which may be shorter.
  ///
  ///     x: [7], count: 3, along: 0   →   [3], [3], [1]
  ///
  /// Pullback: x̄ is the concatenation of the parts' cotangents.
  /// - Precondition: there are one or more.
  public func split(count: Int, along axis: Int = 0) -> [Tensor] {
    require(count >= 1, "split: \(count) parts are asked for; give 1 or more")
    let axis = resolved(axis, rank: rank, "split", type)
    let extent = (shape[axis] + count - 1) / count
    return split(
      into: (0..<count).map { Swift.max(0, Swift.min(extent, shape[axis] - $0 * extent)) },
      along: axis)
  }
}
