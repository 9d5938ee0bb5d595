internal import AdjointKernels

/// Elements to be moved from one layout to another, whatever they are.
///
/// Element (i₀, i₁, …) of the extents lies at Σ iₖ·sourceₖ of the source and at Σ iₖ·targetₖ of the
/// target, each from its start.
struct ElementMove {
  private var shape = AdjointMove()
  private var sourceStart = 0
  private var targetStart = 0

  /// The axes that the kernel in C has room for.
  private static let mostAxes = 8

  /// A move of elements of a type, to which axes are added from the first to the last.
  init(_ dtype: DType, from sourceStart: Int = 0, to targetStart: Int = 0) {
    shape.size = dtype.byteCount
    self.sourceStart = sourceStart
    self.targetStart = targetStart
  }

  /// Adds an axis; returns whether there was room for it. Neighbours that both layouts have side by side as
  /// well are one axis.
  mutating func append(extent: Int, source: Int, target: Int) -> Bool {
    if extent == 1 { return true }
    let rank = shape.rank
    return unsafe withUnsafeMutableBytes(of: &shape.extents) { extents in
      unsafe withUnsafeMutableBytes(of: &shape.sources) { sources in
        unsafe withUnsafeMutableBytes(of: &shape.targets) { targets in
          let extents = unsafe extents.assumingMemoryBound(to: Int.self)
          let sources = unsafe sources.assumingMemoryBound(to: Int.self)
          let targets = unsafe targets.assumingMemoryBound(to: Int.self)
          if rank > 0, unsafe sources[rank - 1] == source * extent,
            unsafe targets[rank - 1] == target * extent
          {
            unsafe extents[rank - 1] *= extent
            unsafe sources[rank - 1] = source
            unsafe targets[rank - 1] = target
            return true
          }
          guard rank < ElementMove.mostAxes else { return false }
          unsafe extents[rank] = extent
          unsafe sources[rank] = source
          unsafe targets[rank] = target
          shape.rank += 1
          return true
        }
      }
    }
  }

  /// The number of elements.
  private var count: Int {
    unsafe withUnsafeBytes(of: shape.extents) { extents in
      var count = 1
      for axis in 0..<shape.rank {
        unsafe count *= extents.load(fromByteOffset: axis * MemoryLayout<Int>.stride, as: Int.self)
      }
      return count
    }
  }

  /// Moves the elements, on several threads.
  func run(
    from x: UnsafeRawPointer, to y: UnsafeMutableRawPointer,
    on kernels: UnsafePointer<AdjointKernels>
  ) {
    let (count, size) = (self.count, Int(shape.size))
    guard count > 0 else { return }
    let (source, target) = unsafe (x + sourceStart * size, y + targetStart * size)
    if shape.rank == 0 {
      unsafe target.copyMemory(from: source, byteCount: size)
      return
    }
    let extent = Int(shape.extents.0)
    // Transposed along the first axis, elements are worked on in lines of the cache.
    inParallel(extent, grain: Grain.count(of: count / extent), unit: 16 > extent ? 1 : 16) {
      unsafe kernels.pointee.moveElements(
        shape, $0.lowerBound, $0.upperBound, source, target)
    }
  }
}
