internal import AdjointKernels

// Sums, by the kernels in C. A sum is cut into parts, which are added up on several threads and then, in
// their order, to each other: it is the same for every number of threads.

extension SumLayout {
  /// What one thread adds up at least, and the length of the parts into which a long sum is cut.
  private static let grain = Grain.summands

  /// Whether rows are added to each other, element by element.
  private var addsRows: Bool { inner == 1 && outer > 1 }

  /// The parts of each run, or of the rows of each group.
  private var parts: Int { addsRows ? (outer + height - 1) / height : (inner - 1) / Self.grain + 1 }

  /// The rows of a part.
  private var height: Int { max(16, Self.grain / max(1, kept)) }

  /// How many numbers the parts of so many sums of the same elements are.
  func partialCount(_ number: Int) -> Int {
    number * parts * (addsRows ? groups * kept : count * outer)
  }

  /// Σ x, of input 0.
  func sums(
    of frame: borrowing CompiledFrame, in partial: UnsafeMutablePointer<Double>
  ) -> PartialSums {
    let (kernels, x) = unsafe (frame.realKernels, frame.elements(ofInput: 0))
    return unsafe added(
      1, in: partial, on: frame.kernels,
      run: { start, length, _, sums in
        unsafe sums[0] = kernels.pointee.sum(x.from(start), length)
      },
      rows: { group, rows, sums in
        unsafe sums.update(repeating: 0, count: kept)
        let first = group * outer + rows.lowerBound
        unsafe kernels.pointee.sumRows(x.from(first * kept), rows.count, kept, sums)
      })
  }

  /// Σ (x − K) and Σ (x − K)², where K is the first element of a sum.
  func moments(
    of x: UnsafePointer<Float>, in partial: UnsafeMutablePointer<Double>,
    on kernels: UnsafePointer<AdjointKernels>
  ) -> PartialSums {
    unsafe added(
      2, in: partial, on: kernels,
      run: { start, length, result, sums in
        let center = unsafe Double(x[self.start(of: result)])
        unsafe kernels.pointee.realFloat.moments(x + start, length, center, sums)
      },
      rows: { group, rows, sums in
        unsafe sums.update(repeating: 0, count: 2 * kept)
        unsafe kernels.pointee.realFloat.batchNormRowSums(
          kept, rows.lowerBound, rows.upperBound, x + group * outer * kept, sums, sums + kept)
      })
  }

  /// Σ (x − center) and Σ (x − center)², with a center for each sum, or from its first element.
  func moments(
    of x: UnsafePointer<Double>, from centers: UnsafePointer<Double>?,
    in partial: UnsafeMutablePointer<Double>, on kernels: UnsafePointer<AdjointKernels>
  ) -> PartialSums {
    unsafe added(
      2, in: partial, on: kernels,
      run: { start, length, result, sums in
        let center = unsafe centers?[result] ?? x[self.start(of: result)]
        unsafe kernels.pointee.realDouble.moments(x + start, length, center, sums)
      },
      rows: { group, rows, sums in
        let first = group * outer * kept
        unsafe kernels.pointee.momentRowsDouble(
          x + first + rows.lowerBound * kept, rows.count, kept,
          centers.map { unsafe $0 + group * kept } ?? x + first, sums, sums + kept)
      })
  }

  /// Makes the sums of all parts.
  ///
  /// - Parameters:
  ///   - number: how many sums are made of the same elements.
  ///   - run: writes the sums of elements that lie together, from their first position, their count, and the
  ///     number of the result that they belong to.
  ///   - rows: writes the sums [number, kept] of rows of a group.
  private func added(
    _ number: Int, in partial: UnsafeMutablePointer<Double>,
    on kernels: UnsafePointer<AdjointKernels>,
    run: (Int, Int, Int, UnsafeMutablePointer<Double>) -> Void,
    rows: (Int, Range<Int>, UnsafeMutablePointer<Double>) -> Void
  ) -> PartialSums {
    let (parts, height, width) = (self.parts, self.height, number * kept)
    if addsRows {
      let least = max(1, SumLayout.grain / max(1, min(height, outer) * kept))
      Adjoint.inParallel(groups * parts, grain: least) {
        for index in $0 {
          let row = index % parts * height
          unsafe rows(index / parts, row..<min(row + height, outer), partial + index * width)
        }
      }
      for group in 0..<(parts > 1 ? groups : 0) {
        let first = unsafe partial + group * parts * width
        unsafe kernels.pointee.realDouble.sumRows(first + width, parts - 1, width, first)
      }
      return unsafe PartialSums(
        numbers: partial, kept: kept, group: parts * width, result: 1, sum: kept, run: 0, part: 0,
        runs: 1, parts: 1)
    }
    // A run is number [group, outer, kept, part].
    let least = max(1, SumLayout.grain / max(1, inner / parts))
    Adjoint.inParallel(count * outer * parts, grain: least) { range in
      for index in range {
        let (row, part) = (index / parts, index % parts * SumLayout.grain)
        unsafe run(
          row * inner + part, min(inner - part, SumLayout.grain),
          row / (kept * outer) * kept + row % kept, partial + number * index)
      }
    }
    return unsafe PartialSums(
      numbers: partial, kept: kept, group: outer * parts * width, result: parts * number, sum: 1,
      run: parts * width, part: number, runs: outer, parts: parts)
  }
}

/// Sums of parts, and how far they lie apart: those of neighbouring groups, results, sums of the same
/// elements, runs and parts.
@safe
struct PartialSums {
  fileprivate let numbers: UnsafeMutablePointer<Double>
  fileprivate let kept: Int
  fileprivate let (group, result, sum): (Int, Int, Int)
  fileprivate let (run, part): (Int, Int)
  fileprivate let (runs, parts): (Int, Int)

  fileprivate init(
    numbers: UnsafeMutablePointer<Double>, kept: Int, group: Int, result: Int, sum: Int, run: Int,
    part: Int, runs: Int, parts: Int
  ) {
    unsafe self.numbers = numbers
    self.kept = kept
    (self.group, self.result, self.sum) = (group, result, sum)
    (self.run, self.part) = (run, part)
    (self.runs, self.parts) = (runs, parts)
  }

  /// A whole sum of the elements of a result.
  subscript(number: Int, sum which: Int = 0) -> Double {
    let first = unsafe numbers + number / kept * group + number % kept * result + which * sum
    if runs * parts == 1 { return unsafe first[0] }
    var total = CompensatedSum()
    for i in 0..<runs {
      for k in 0..<parts { unsafe total += first[i * run + k * part] }
    }
    return total.value
  }
}
