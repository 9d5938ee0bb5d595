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
    // Stops where the result cannot be counted.
    _ = type.with(shape: shape[..<2] + extents)
    return extents.enumerated().reduce(self) { x, target in
      x.interpolated(along: target.offset + 2, to: target.element, method)
    }
  }

  private func interpolated(along axis: Int, to count: Int, _ method: Interpolation) -> Tensor {
    let extent = shape[axis]
    if extent == count { return self }
    if case .nearest = method {
      return gather(.places(count) { $0 * extent / count }, along: axis)
    }
    requireFloatingPoint("interpolated")
    func place(_ index: Int) -> Double { method.place(of: index, count, within: extent) }
    let lower = Tensor.places(count) { Int(place($0)) }
    let upper = Tensor.places(count) { Swift.min(Int(place($0)) + 1, extent - 1) }
    let weights = Tensor((0..<count).map { place($0) - place($0).rounded(.down) }, dtype: dtype)
      .channels(axis, rank: rank)
    // A neighbour of weight 0 does not count, even if it is infinite.
    return (1 - weights).scaled(by: gather(lower, along: axis))
      + weights.scaled(by: gather(upper, along: axis))
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
