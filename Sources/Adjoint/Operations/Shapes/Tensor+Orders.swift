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
}
