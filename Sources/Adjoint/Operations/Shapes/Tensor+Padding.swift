/// What a tensor is padded with.
public enum PaddingMode: Sendable, Hashable {
  /// A number.
  case value(Double)
  /// The elements mirrored at the first and the last, which are not repeated: c b | a b c | b a.
  case reflection
  /// The elements mirrored at the ends, with the first and the last repeated: b a | a b c | c b.
  case symmetric
  /// The first and the last element: a a | a b c | c c.
  case edge
  /// The elements from the other end: b c | a b c | a b.
  case wrap
}

extension Tensor {
  /// Returns the tensor with elements around it: so many before and after along each axis.
  ///
  ///     x: [2], before: [1], after: [2]   →   [5]
  ///
  /// Pullback: x̄ is the sum of ȳ over all places where an element stands.
  /// - Precondition: there is a number for each axis, none negative; only a number is put around nothing.
  public func padded(before: [Int], after: [Int], mode: PaddingMode) -> Tensor {
    if case .value(let value) = mode { return padded(before: before, after: after, with: value) }
    let whole = TensorType(dtype, paddedShape(before: before, after: after))
    return (0..<rank).reduce(self) { x, axis in
      guard before[axis] + after[axis] > 0 else { return x }
      require(
        shape[axis] > 0,
        "pad: axis \(axis) of \(type) has no elements to repeat up to \(whole); pad with a number")
      let places = Tensor.places(whole.shape[axis]) {
        mode.place($0 - before[axis], within: shape[axis])
      }
      return x.gather(places, along: axis)
    }
  }
}

extension PaddingMode {
  /// The element that stands at a place, which may be outside of an axis.
  fileprivate func place(_ place: Int, within extent: Int) -> Int {
    func modulo(_ period: Int) -> Int { ((place % period) + period) % period }
    switch self {
    case .value, .wrap: return modulo(extent)
    case .edge: return min(max(place, 0), extent - 1)
    case .reflection:
      let place = modulo(max(1, 2 * (extent - 1)))
      return place < extent ? place : 2 * (extent - 1) - place
    case .symmetric:
      let place = modulo(2 * extent)
      return place < extent ? place : 2 * extent - 1 - place
    }
  }
}
