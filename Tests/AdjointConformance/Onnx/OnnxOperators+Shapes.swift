import Adjoint

extension OnnxOperators {
  /// What moves elements.
  static let shapes: [String: OnnxOperator] = [
    "Concat": { [.concatenated(try $0.inputs, along: $0.integer("axis") ?? 0)] },
    "DepthToSpace": { call in
      [
        try call.x.depthToSpace(
          call.integer("blocksize") ?? 1,
          order: call.text("mode") == "CRD" ? .channelFirst : .placeFirst)
      ]
    },
    "SpaceToDepth": { call in
      [
        try call.x.spaceToDepth(
          call.integer("blocksize") ?? 1,
          order: call.text("mode") == "CRD" ? .channelFirst : .placeFirst)
      ]
    },
    "Expand": { call in
      let (x, shape) = (try call.x, try call.integers(1) ?? [])
      // Either may have axes of 1 where the other has more.
      let rank = max(x.rank, shape.count)
      func aligned(_ shape: [Int]) -> [Int] {
        Array(repeating: 1, count: rank - shape.count) + shape
      }
      return [x.broadcast(to: zip(aligned(x.shape), aligned(shape)).map { $1 == 1 ? $0 : $1 })]
    },
    "Flatten": { call in
      let (x, axis) = (try call.x, call.integer("axis") ?? 1)
      let first = axis < 0 ? axis + x.rank : axis
      return [x.reshaped(to: [x.shape[..<first].reduce(1, *), x.shape[first...].reduce(1, *)])]
    },
    "Pad": pad,
    "Reshape": { call in
      let x = try call.x
      let shape = try (call.integers(1) ?? call.list("shape") ?? []).enumerated().map {
        $0.element == 0 && !call.flag("allowzero") ? x.shape[$0.offset] : $0.element
      }
      return [x.reshaped(to: shape)]
    },
    "Slice": slice,
    "Split": { call in
      let (x, axis) = (try call.x, call.integer("axis") ?? 0)
      if let extents = try call.integers(1) ?? call.list("split") {
        return x.split(into: extents, along: axis)
      }
      let count = call.integer("num_outputs") ?? call.node.outputs.count
      return x.split(count: count, along: axis)
    },
    "Squeeze": { call in
      let x = try call.x
      let axes = try call.integers(1) ?? call.list("axes")
      return [x.squeezed(at: axes ?? x.shape.indices.filter { x.shape[$0] == 1 })]
    },
    "Unsqueeze": { call in
      [try call.x.expanded(at: try call.integers(1) ?? call.list("axes") ?? [])]
    },
    "Tile": { [try $0.x.tiled(try $0.integers(1) ?? [])] },
    "Transpose": { call in
      let x = try call.x
      return [x.transposed(call.list("perm") ?? Array((0..<x.rank).reversed()))]
    },
  ]

  /// Negative numbers of elements are taken away.
  private static let pad: OnnxOperator = { call in
    var x = try call.x
    let pads = try call.integers(1) ?? call.list("pads") ?? []
    let axes = try call.integers(3) ?? Array(0..<x.rank)
    var (before, after) = (Array(repeating: 0, count: x.rank), Array(repeating: 0, count: x.rank))
    for (number, axis) in axes.enumerated() {
      let axis = axis < 0 ? axis + x.rank : axis
      before[axis] = pads[number]
      after[axis] = pads[axes.count + number]
    }
    for axis in 0..<x.rank where before[axis] < 0 || after[axis] < 0 {
      let (start, end) = (max(0, -before[axis]), x.shape[axis] - max(0, -after[axis]))
      x = x.slice(start..<end, along: axis)
    }
    let mode: PaddingMode =
      switch call.text("mode") {
      case "reflect": .reflection
      case "edge": .edge
      case "wrap": .wrap
      default: .value(try call.number(input: 2) ?? call.number("value") ?? 0)
      }
    return [
      x.padded(before: before.map { max(0, $0) }, after: after.map { max(0, $0) }, mode: mode)
    ]
  }

  /// Bounds may count from the end, and lie beyond it.
  private static let slice: OnnxOperator = { call in
    let x = try call.x
    let starts = try call.integers(1) ?? call.list("starts") ?? []
    let ends = try call.integers(2) ?? call.list("ends") ?? []
    let axes = try call.integers(3) ?? call.list("axes") ?? Array(starts.indices)
    let steps = try call.integers(4) ?? starts.map { _ in 1 }
    return [
      axes.indices.reduce(x) { x, k in
        let axis = axes[k] < 0 ? axes[k] + x.rank : axes[k]
        let (extent, step) = (x.shape[axis], steps[k])
        func bound(_ place: Int, _ limits: ClosedRange<Int>) -> Int {
          min(max(place < 0 ? place + extent : place, limits.lowerBound), limits.upperBound)
        }
        if step > 0 {
          let start = bound(starts[k], 0...extent)
          return x.slice(start..<max(start, bound(ends[k], 0...extent)), along: axis, step: step)
        }
        guard extent > 0 else { return x }
        let start = bound(starts[k], 0...extent - 1)
        let end = ends[k] < -extent ? -1 : bound(ends[k], -1...extent - 1)
        return x.slice(min(end, start) + 1..<start + 1, along: axis, step: step)
      }
    ]
  }
}
