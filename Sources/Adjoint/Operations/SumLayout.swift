internal import AdjointKernels

/// Elements to add up as [groups, outer, kept, inner], where `outer` and `inner` are summed over.
///
/// All reductions of usual layers have this form: of everything, of rows, of columns, and of all
/// axes but the channels'.
struct SumLayout {
  private(set) var (groups, outer, kept, inner) = (1, 1, 1, 1)

  /// The layout for a sum over axes; nil if it has another form.
  init?(_ type: TensorType, over axes: [Int]) {
    // Neighbouring axes of one kind are one axis.
    var extents: [Int] = []
    var isSummed: [Bool] = []
    for axis in 0..<type.rank where type.shape[axis] != 1 {
      let summed = axes.contains(axis)
      if let last = isSummed.last, last == summed {
        extents[extents.count - 1] *= type.shape[axis]
      } else {
        extents.append(type.shape[axis])
        isSummed.append(summed)
      }
    }
    if isSummed.last == true {
      inner = extents.removeLast()
      isSummed.removeLast()
    }
    kept = extents.popLast() ?? 1
    outer = extents.popLast() ?? 1
    groups = extents.popLast() ?? 1
    guard extents.isEmpty else { return nil }
  }

  /// What one thread adds up at least, and the length of the parts into which a long sum is cut.
  ///
  /// Parts are added in their order, so that a sum is the same for every number of threads.
  private static let grain = 1 << 15

  /// The sums, [groups, kept].
  func sums<Scalar: RealScalar>(
    of x: UnsafePointer<Scalar>, on kernels: UnsafePointer<AdjointKernels>
  ) -> [Double] {
    if inner == 1, outer > 1 {
      return unsafe sumsOfRows(x, on: kernels)
    }
    let count = groups * kept
    var sums = Array(repeating: 0.0, count: count)
    let parts = (inner + SumLayout.grain - 1) / SumLayout.grain
    unsafe withScratch(Double.self, count: max(1, count * outer * parts)) { partial in
      inParallel(
        count * outer * parts, grain: max(1, SumLayout.grain / max(1, inner / max(1, parts)))
      ) { runs in
        for run in runs {
          let start = run / parts * inner + run % parts * SumLayout.grain
          let length = min(inner - run % parts * SumLayout.grain, SumLayout.grain)
          unsafe partial[run] = Scalar.sum(x + start, length, on: kernels)
        }
      }
      // A run is number [group, outer, kept, part].
      for run in 0..<count * outer * parts {
        let (group, channel) = (run / (parts * kept * outer), run / parts % kept)
        unsafe sums[group * kept + channel] += partial[run]
      }
    }
    return sums
  }

  /// The sums where what is summed over comes before what is kept: rows are added to each other.
  private func sumsOfRows<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, on kernels: UnsafePointer<AdjointKernels>
  ) -> [Double] {
    let height = max(16, SumLayout.grain / max(1, kept))
    let parts = (outer + height - 1) / height
    var sums = Array(repeating: 0.0, count: groups * kept)
    unsafe withScratch(Double.self, count: max(1, groups * parts * kept)) { partial in
      unsafe partial.update(repeating: 0, count: groups * parts * kept)
      inParallel(groups * parts, grain: max(1, SumLayout.grain / max(1, min(height, outer) * kept)))
      {
        for run in $0 {
          let row = run % parts * height
          let start = (run / parts * outer + row) * kept
          unsafe Scalar.sumRows(
            x + start, min(height, outer - row), kept, into: partial + run * kept, on: kernels)
        }
      }
      for run in 0..<groups * parts {
        for i in 0..<kept { unsafe sums[run / parts * kept + i] += partial[run * kept + i] }
      }
    }
    return sums
  }
}
