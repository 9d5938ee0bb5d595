/// How the values between elements are found.
public enum Interpolation: Sendable {
  /// The element at ⌊i·A/B⌋, as in PyTorch.
  case nearest
  /// The mean of the two neighbours along each axis, weighted by their distances. Pixels are squares, whose centres
  /// lie half a pixel from the edge; beyond the outermost centres the values stay.
  case linear
  /// The same between points, the first and the last of which stay where they are.
  case linearAligningCorners
}

extension Tensor {
  /// Returns images with other extents of their spatial axes.
  ///
  ///     x: [N, C, A…], to: [B…]   →   [N, C, B…]
  ///
  /// Axis by axis, so that `linear` is bilinear on two axes. Pullback: x̄ is the sum of ȳ with the weights by which x
  /// has entered.
  /// - Precondition: there is an extent of 1 or more for each spatial axis, none of which is empty.
  public func interpolated(to extents: [Int], by method: Interpolation = .linear) -> Tensor {
    require(
      rank >= 3 && extents.count == rank - 2 && extents.allSatisfy { $0 >= 1 }
        && shape[2...].allSatisfy { $0 >= 1 },
      "interpolated: \(type) has \(Swift.max(rank - 2, 0)) spatial axes, asked for are \(extents); give images "
        + "[batch, channels, …], and an extent of 1 or more for each axis")
    return extents.enumerated().reduce(self) { x, target in
      x.interpolated(along: target.offset + 2, to: target.element, method)
    }
  }

  private func interpolated(along axis: Int, to count: Int, _ method: Interpolation) -> Tensor {
    let extent = shape[axis]
    if extent == count { return self }
    if case .nearest = method {
      return gather(Tensor((0..<count).map { $0 * extent / count }), along: axis)
    }
    requireFloatingPoint("interpolated")
    let places = (0..<count).map { method.place(of: $0, count, within: extent) }
    let lower = places.map { Int($0) }
    let weights = Tensor(zip(places, lower).map { $0 - Double($1) }, dtype: dtype)
      .channels(axis, rank: rank)
    let upper = lower.map { Swift.min($0 + 1, extent - 1) }
    return gather(Tensor(lower), along: axis) * (1 - weights)
      + gather(Tensor(upper), along: axis) * weights
  }
}

extension Interpolation {
  /// Where an element of so many lies within an axis.
  fileprivate func place(of index: Int, _ count: Int, within extent: Int) -> Double {
    if case .linearAligningCorners = self {
      return count == 1 ? 0 : Double(index * (extent - 1)) / Double(count - 1)
    }
    let place = (Double(index) + 0.5) * Double(extent) / Double(count) - 0.5
    return min(max(place, 0), Double(extent - 1))
  }
}
