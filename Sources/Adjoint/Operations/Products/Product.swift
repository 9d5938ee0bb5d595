internal import AdjointKernels

/// A product of matrices: its extents, and how it is computed.
struct Product {
  let transposesLeft: Bool
  let transposesRight: Bool
  private(set) var (batch, rows, inner, columns) = (0, 0, 0, 0)

  init(
    _ left: TensorType, _ right: TensorType, _ transposesLeft: Bool, _ transposesRight: Bool
  ) {
    self.transposesLeft = transposesLeft
    self.transposesRight = transposesRight
    guard left.rank >= 2, right.rank >= 2 else { return }
    let (m, k) = (left.shape[left.rank - 2], left.shape[left.rank - 1])
    batch = left.shape.dropLast(2).reduce(1, *)
    (rows, inner) = transposesLeft ? (k, m) : (m, k)
    columns = right.shape[right.rank - (transposesRight ? 2 : 1)]
  }

  /// The kernel in C: whole products to each thread where there is a batch, else bands of rows or of
  /// columns, whichever are more.
  func compute<Scalar: RealScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, bias: UnsafePointer<Scalar>?,
    into y: UnsafeMutablePointer<Scalar>, on kernels: UnsafePointer<AdjointKernels>
  ) {
    // Decided for the whole product, whatever band of it a thread makes.
    let isNarrow = min(rows, columns) < (inner < 64 ? 3 : 16)
    let liesAlong = (!transposesLeft || rows == 1) && (transposesRight || columns == 1)
    let order =
      !isNarrow || !liesAlong
      ? adjointByTiles : rows == 1 && columns == 1 ? adjointByOneDot : adjointByDots
    let extents = ProductExtents(rows: rows, inner: inner, columns: columns)
    func left(_ matrix: Int) -> StridedMatrix<Scalar> {
      unsafe StridedMatrix(
        a + matrix * rows * inner, row: transposesLeft ? 1 : inner,
        column: transposesLeft && rows != 1 ? rows : 1)
    }
    func right(_ matrix: Int) -> StridedMatrix<Scalar> {
      unsafe StridedMatrix(
        b + matrix * inner * columns, row: transposesRight || columns == 1 ? 1 : columns,
        column: transposesRight ? inner : 1)
    }
    func multiply(rows band: Range<Int>, of matrix: Int, packed: UnsafePointer<Scalar>?) {
      var extents = extents
      extents.rows = band.count
      unsafe Scalar.multiply(
        extents, left(matrix).from(row: band.lowerBound), right(matrix), packed: packed,
        into: y + (matrix * rows + band.lowerBound) * columns, row: columns, bias: bias,
        order: order, on: kernels)
    }
    func multiply(columns band: Range<Int>) {
      var extents = extents
      extents.columns = band.count
      unsafe Scalar.multiply(
        extents, left(0), right(0).from(column: band.lowerBound), packed: nil,
        into: y + band.lowerBound, row: columns,
        bias: bias.map { unsafe $0 + band.lowerBound }, order: order, on: kernels)
    }
    let least = Grain.count(of: rows * inner * columns, in: Grain.multiplications)
    if batch > 1 {
      inParallel(batch, grain: least) { matrices in
        for matrix in matrices { multiply(rows: 0..<rows, of: matrix, packed: nil) }
      }
    } else if batch == 1, rows >= columns {
      let grain = max(14, Grain.count(of: inner * columns, in: Grain.multiplications))
      func bands(_ packed: UnsafePointer<Scalar>?) {
        inParallel(rows, grain: grain, pieces: 1) {
          unsafe multiply(rows: $0, of: 0, packed: packed)
        }
      }
      // Bands of rows share the panels of a large right operand; those of a small one are sooner made
      // again than fetched from the other core's cache.
      if threads > 1, rows > grain, rows >= 128, inner * columns >= 1 << 18, order == adjointByTiles
      {
        unsafe Scalar.withPanels(extents, right(0), on: kernels, bands)
      } else {
        bands(nil)
      }
    } else if batch == 1 {
      inParallel(
        columns, grain: max(32, Grain.count(of: inner * rows, in: Grain.multiplications)), unit: 32,
        pieces: 1
      ) {
        multiply(columns: $0)
      }
    }
  }

  /// Adds up row by row, along rows of the right operand, which is turned first if it is
  /// transposed.
  func compute<Scalar: RealScalar>(
    _ a: Span<Scalar>, _ b: Span<Scalar>, into y: inout MutableSpan<Scalar>
  ) {
    var right = Array(repeating: Scalar.zero, count: inner * columns)
    var sums = Array(repeating: Scalar.zero, count: columns)
    for matrix in 0..<batch {
      let (aStart, bStart) = (matrix * rows * inner, matrix * inner * columns)
      for k in 0..<inner {
        for j in 0..<columns {
          right[k * columns + j] = b[bStart + (transposesRight ? j * inner + k : k * columns + j)]
        }
      }
      for i in 0..<rows {
        for j in 0..<columns { sums[j] = 0 }
        for k in 0..<inner {
          let factor = a[aStart + (transposesLeft ? k * rows + i : i * inner + k)]
          let row = k * columns
          for j in 0..<columns { sums[j] += factor * right[row + j] }
        }
        let row = (matrix * rows + i) * columns
        for j in 0..<columns { y[row + j] = sums[j] }
      }
    }
  }
}
