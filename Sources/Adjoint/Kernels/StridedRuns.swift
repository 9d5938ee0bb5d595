/// The elements of a shape in row-major order, each with its place in another layout of the
/// elements.
///
/// Element (i₀, i₁, …) lies at offset + Σ iₖ·strideₖ of the other layout: a stride 0 repeats it
/// (broadcast, or the target of a reduction), permuted strides transpose, longer ones skip.
/// Elements come in runs along the last axis, along which both layouts advance evenly.
struct StridedRuns: Sequence, IteratorProtocol {
  /// A run: its first position in row-major order, and its first offset in the other layout.
  struct Run {
    let position: Int
    let offset: Int
  }

  /// The number of elements in each run.
  private(set) var length = 1
  /// The distance of neighbours of a run in the other layout.
  private(set) var stride = 0
  private var extents: [Int] = []
  private var strides: [Int] = []
  private var indices: [Int] = []
  private var position = 0
  private var offset: Int
  private var remaining: Int

  init(shape: [Int], strides: [Int], offset: Int = 0) {
    self.offset = offset
    for (extent, stride) in zip(shape, strides) where extent != 1 {
      // Two axes that the other layout has side by side as well are one axis.
      if let last = self.strides.last, last == stride * extent {
        extents[extents.count - 1] *= extent
        self.strides[self.strides.count - 1] = stride
      } else {
        extents.append(extent)
        self.strides.append(stride)
      }
    }
    if let last = extents.popLast() {
      length = last
      stride = self.strides.removeLast()
    }
    indices = Array(repeating: 0, count: extents.count)
    remaining = length == 0 ? 0 : extents.reduce(1, *)
  }

  mutating func next() -> Run? {
    guard remaining > 0 else { return nil }
    remaining -= 1
    let run = Run(position: position, offset: offset)
    position += length
    for axis in extents.indices.reversed() {
      indices[axis] += 1
      offset += strides[axis]
      if indices[axis] < extents[axis] { break }
      offset -= strides[axis] * extents[axis]
      indices[axis] = 0
    }
    return run
  }
}

extension TensorType {
  /// How far apart neighbours along each axis are in row-major order.
  var strides: [Int] {
    var strides = shape
    var stride = 1
    for axis in shape.indices.reversed() {
      strides[axis] = stride
      stride *= shape[axis]
    }
    return strides
  }
}

extension KernelFrame {
  /// Copies input 0 to output 0, whose elements lie in the input as the runs say.
  mutating func gather(_ runs: StridedRuns) {
    let x = input(0)
    var y = output(0)
    for run in runs {
      for i in 0..<runs.length { y[run.position + i] = x[run.offset + i * runs.stride] }
    }
  }
}
