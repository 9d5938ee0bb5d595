/// How windows slide over the spatial axes of images, in convolution and pooling.
struct Windows: Sendable, Hashable {
  /// One spatial axis.
  private struct Axis: Sendable, Hashable {
    let extent: Int
    let stride: Int
    let dilation: Int
    let before: Int
    let after: Int
  }

  // One array, so that an operation is small: an entry of a graph holds it in place.
  private let axes: [Axis]

  /// The extents of a window, for each spatial axis.
  var extents: [Int] { axes.map(\.extent) }
  /// How far apart neighbouring windows are.
  var strides: [Int] { axes.map(\.stride) }
  /// How far apart neighbouring elements of a window are.
  var dilations: [Int] { axes.map(\.dilation) }
  /// How many elements of padding precede the first of each axis, and follow the last.
  var padding: [(before: Int, after: Int)] { axes.map { ($0.before, $0.after) } }

  /// Windows as they are given to `operation`: padding is one number for both ends of each axis, or
  /// those of all beginnings and then of all ends.
  init(
    _ extents: [Int], strides: [Int]?, padding: [Int]?, dilations: [Int]?, _ operation: String
  ) {
    let rank = extents.count
    let strides = strides ?? Array(repeating: 1, count: rank)
    let dilations = dilations ?? Array(repeating: 1, count: rank)
    let padding = padding ?? Array(repeating: 0, count: rank)
    require(
      strides.count == rank && dilations.count == rank
        && (padding.count == rank || padding.count == 2 * rank),
      "\(operation): strides \(strides), dilations \(dilations) and padding \(padding) do "
        + "not fit windows \(extents); give one number for each of the \(rank) axes, or for the "
        + "padding two")
    require(
      extents.allSatisfy { $0 >= 1 },
      "\(operation): the window is \(extents); give extents of 1 or more")
    // Within these what is made of them cannot overflow.
    let (sizes, paddings) = (1...Int(Int32.max), 0...Int(Int32.max))
    require(
      (extents + strides + dilations).allSatisfy(sizes.contains)
        && padding.allSatisfy(paddings.contains),
      "\(operation): windows \(extents), strides \(strides) and dilations \(dilations) are 1 or more, "
        + "and padding \(padding) is 0 or more; all are at most \(Int32.max)")
    axes = (0..<rank).map { axis in
      Axis(
        extent: extents[axis], stride: strides[axis], dilation: dilations[axis],
        before: padding[axis], after: padding[padding.count == rank ? axis : rank + axis])
    }
  }

  /// The elements that a window reaches over along an axis.
  func reach(_ axis: Int) -> Int { (axes[axis].extent - 1) * axes[axis].dilation + 1 }

  /// How many windows there are along each axis.
  ///
  /// - Parameter roundingUp: whether a last window may reach over the padding, as long as it begins
  ///   before the end of the padding.
  func counts(over extents: [Int], roundingUp: Bool = false, _ operation: String) -> [Int] {
    extents.indices.map { axis in
      let (before, stride) = (axes[axis].before, axes[axis].stride)
      let room = extents[axis] + before + axes[axis].after - reach(axis)
      require(
        room >= 0,
        "\(operation): a window of \(self.extents), dilated by \(dilations), is larger than the image "
          + "\(extents) with its padding; pad more, or use a smaller window")
      guard roundingUp else { return room / stride + 1 }
      let count = (room + stride - 1) / stride + 1
      return (count - 1) * stride < extents[axis] + before ? count : count - 1
    }
  }

  /// Whether a window lies in the padding with all of its elements, which may be on both sides of the image if it
  /// is dilated.
  func skipImages(_ extents: [Int], _ counts: [Int]) -> Bool {
    extents.indices.contains { index in
      let axis = axes[index]
      guard axis.before + axis.after > 0 else { return false }
      // Around nothing there is nothing but padding.
      guard extents[index] > 0 else { return counts[index] > 0 }
      if axis.dilation == 1 {
        return axis.before >= axis.extent
          || (counts[index] - 1) * axis.stride - axis.before >= extents[index]
      }
      return (0..<counts[index]).contains { window in
        let start = window * axis.stride - axis.before
        return !(0..<axis.extent).contains {
          (0..<extents[index]).contains(start + $0 * axis.dilation)
        }
      }
    }
  }

  /// The three innermost spatial axes of extents, with 1 for those that are not there.
  static func threeAxes(_ extents: [Int], filling value: Int = 1) -> (Int, Int, Int) {
    let three = Array(repeating: value, count: 3 - extents.count) + extents
    return (three[0], three[1], three[2])
  }

  /// Calls `body` for every pair of a window and an element within the image that it reaches, with the
  /// place of the window, of the tap in the window, and of the element, each in its own plane.
  func forEachTap(over extents: [Int], counts: [Int], _ body: (Int, Int, Int) -> Void) {
    typealias Axes = (Int, Int, Int)
    let (image, grid) = (Windows.threeAxes(extents), Windows.threeAxes(counts))
    let (taps, stride) = (Windows.threeAxes(self.extents), Windows.threeAxes(strides))
    let dilation = Windows.threeAxes(dilations)
    let before = Windows.threeAxes(padding.map(\.before), filling: 0)
    func each(
      _ count: Int, _ taps: Int, _ extent: Int, _ stride: Int, _ dilation: Int, _ before: Int,
      _ body: (Int, Int, Int) -> Void
    ) {
      for window in 0..<count {
        for tap in 0..<taps {
          let place = window * stride + tap * dilation - before
          if place >= 0, place < extent { body(window, tap, place) }
        }
      }
    }
    each(grid.0, taps.0, image.0, stride.0, dilation.0, before.0) { a, r, i in
      each(grid.1, taps.1, image.1, stride.1, dilation.1, before.1) { b, s, j in
        each(grid.2, taps.2, image.2, stride.2, dilation.2, before.2) { c, t, k in
          body(
            (a * grid.1 + b) * grid.2 + c, (r * taps.1 + s) * taps.2 + t,
            (i * image.1 + j) * image.2 + k)
        }
      }
    }
  }

  /// For listings.
  var attributes: String {
    var parts: [String] = []
    if strides.contains(where: { $0 != 1 }) { parts.append("strides: \(strides)") }
    if dilations.contains(where: { $0 != 1 }) { parts.append("dilations: \(dilations)") }
    if padding.contains(where: { $0.before != 0 || $0.after != 0 }) {
      parts.append("padding: \(padding.map(\.before) + padding.map(\.after))")
    }
    return parts.joined(separator: ", ")
  }
}
