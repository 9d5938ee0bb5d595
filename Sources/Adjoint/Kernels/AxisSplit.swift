/// A shape as three axes around one of its own: those before it, that axis, and those behind it.
///
/// Element (i, j, k) of [outer, extent, inner] lies at (i·extent + j)·inner + k.
struct AxisSplit {
  /// The elements of the axes before it.
  let outer: Int
  /// The extent of the axis.
  let extent: Int
  /// The elements of the axes behind it, which lie together.
  let inner: Int

  init(_ type: TensorType, _ axis: Int) {
    self.init(
      outer: type.shape[..<axis].reduce(1, *), extent: type.shape[axis],
      inner: type.shape[(axis + 1)...].reduce(1, *))
  }

  init(outer: Int, extent: Int, inner: Int) {
    (self.outer, self.extent, self.inner) = (outer, extent, inner)
  }

  /// Where the elements at a place of the axis start, in one of the outer blocks.
  func start(_ block: Int, _ place: Int) -> Int { (block * extent + place) * inner }

  /// Where the elements along the axis start, `inner` apart, that one of outer · inner results is made of.
  func start(of result: Int) -> Int { result / inner * inner * extent + result % inner }
}
