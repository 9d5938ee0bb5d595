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
  private static let grain = Grain.summands

  /// The number of elements that make one sum.
  var size: Int { outer * inner }

  /// The sums, [groups, kept].
  func sums<Scalar: RealScalar>(
    of x: UnsafePointer<Scalar>, on kernels: UnsafePointer<AdjointKernels>
  ) -> [Double] {
    unsafe added(
      1,
      run: { start, length, _, sums in
        unsafe sums[0] = Scalar.sum(x + start, length, on: kernels)
      },
      rows: { start, rows, sums in
        unsafe Scalar.sumRows(
          x + start + rows.lowerBound * kept, rows.count, kept, into: sums, on: kernels)
      })
  }

  /// Σ (x − K) and Σ (x − K)², where K is the first element of a sum: [groups, 2, kept].
  func moments(
    of x: UnsafePointer<Float>, on kernels: UnsafePointer<AdjointKernels>
  ) -> [Double] {
    unsafe added(
      2,
      run: { start, length, first, sums in
        unsafe kernels.pointee.moments(x + start, length, x[first], sums)
      },
      rows: { start, rows, sums in
        unsafe kernels.pointee.batchNormRowSums(
          adjointFloat, kept, rows.lowerBound, rows.upperBound, x + start, sums, sums + kept)
      })
  }

  /// Adds up parts of the elements, on several threads, and then the parts in their order.
  ///
  /// - Parameters:
  ///   - number: how many sums are made of the same elements.
  ///   - run: writes the sums of elements that lie together, from their first position, their count,
  ///     and the position of the first element of the whole sum.
  ///   - rows: adds rows to sums [number, kept], from the first position of the group.
  /// - Returns: the sums, [groups, number, kept].
  private func added(
    _ number: Int, run: (Int, Int, Int, UnsafeMutablePointer<Double>) -> Void,
    rows: (Int, Range<Int>, UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    inner == 1 && outer > 1
      ? unsafe addedRows(number, rows) : unsafe addedRuns(number, run)
  }

  private func addedRuns(
    _ number: Int, _ run: (Int, Int, Int, UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    let count = groups * kept
    var sums = Array(repeating: 0.0, count: count * number)
    let parts = (inner + SumLayout.grain - 1) / SumLayout.grain
    // A run is number [group, outer, kept, part].
    let runs = count * outer * parts
    unsafe withScratch(Double.self, count: max(1, number * runs)) { partial in
      inParallel(runs, grain: max(1, SumLayout.grain / max(1, inner / max(1, parts)))) { range in
        for index in range {
          let (row, part) = (index / parts, index % parts * SumLayout.grain)
          let first = (row / (kept * outer) * outer * kept + row % kept) * inner
          unsafe run(
            row * inner + part, min(inner - part, SumLayout.grain), first, partial + number * index)
        }
      }
      for index in 0..<runs {
        let (group, channel) = (index / (parts * kept * outer), index / parts % kept)
        for k in 0..<number {
          unsafe sums[(group * number + k) * kept + channel] += partial[number * index + k]
        }
      }
    }
    return sums
  }

  /// The sums where what is summed over comes before what is kept: rows are added to each other.
  private func addedRows(
    _ number: Int, _ rows: (Int, Range<Int>, UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    let height = max(16, SumLayout.grain / max(1, kept))
    let (parts, width) = ((outer + height - 1) / height, number * kept)
    var sums = Array(repeating: 0.0, count: groups * width)
    unsafe withScratch(Double.self, count: max(1, groups * parts * width)) { partial in
      unsafe partial.update(repeating: 0, count: groups * parts * width)
      inParallel(groups * parts, grain: max(1, SumLayout.grain / max(1, min(height, outer) * kept)))
      {
        for index in $0 {
          let row = index % parts * height
          unsafe rows(
            index / parts * outer * kept, row..<min(row + height, outer), partial + index * width)
        }
      }
      for index in 0..<groups * parts {
        for i in 0..<width {
          unsafe sums[index / parts * width + i] += partial[index * width + i]
        }
      }
    }
    return sums
  }
}
