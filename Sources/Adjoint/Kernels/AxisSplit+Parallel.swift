extension AxisSplit {
  /// Columns are worked on in multiples of so many: vectors that are worked on at once.
  private static let columnUnit = 64

  /// Calls `rows` with ranges of rows, where the elements along the axis lie together, else `columns` with
  /// an outer block and a range of its columns; on several threads.
  ///
  /// - Parameter work: how much of what a kernel does, counted in elements, is worth a thread.
  func inParallel(
    grain work: Int, rows: (Range<Int>) -> Void, columns: (Int, Range<Int>) -> Void
  ) {
    guard outer * extent * inner > 0 else { return }
    if inner == 1 {
      Adjoint.inParallel(outer, grain: Grain.count(of: extent, in: work), rows)
      return
    }
    let unit = AxisSplit.columnUnit
    let units = (inner + unit - 1) / unit
    let size = min(inner, unit) * extent
    Adjoint.inParallel(outer * units, grain: Grain.count(of: size, in: work)) { parts in
      var part = parts.lowerBound
      while part < parts.upperBound {
        let (block, first) = (part / units, part % units)
        let last = min(units, first + parts.upperBound - part)
        columns(block, first * unit..<min(last * unit, inner))
        part += last - first
      }
    }
  }
}
