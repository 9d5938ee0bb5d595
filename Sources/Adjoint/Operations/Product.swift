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
    let byDots =
      isNarrow && (!transposesLeft || rows == 1) && (transposesRight || columns == 1)
    func multiply(_ matrix: Int, _ band: Range<Int>, ofRows: Bool) {
      var left = unsafe StridedMatrix(
        a + matrix * rows * inner, row: transposesLeft ? 1 : inner,
        column: transposesLeft && rows != 1 ? rows : 1)
      var right = unsafe StridedMatrix(
        b + matrix * inner * columns, row: transposesRight || columns == 1 ? 1 : columns,
        column: transposesRight ? inner : 1)
      var extents = ProductExtents(rows: rows, inner: inner, columns: columns)
      var (target, bias) = unsafe (y + matrix * rows * columns, bias)
      if ofRows {
        left = left.from(row: band.lowerBound)
        extents.rows = band.count
        unsafe target += band.lowerBound * columns
      } else {
        right = right.from(column: band.lowerBound)
        extents.columns = band.count
        unsafe target += band.lowerBound
        unsafe bias = bias.map { unsafe $0 + band.lowerBound }
      }
      unsafe Scalar.multiply(
        extents, left, right, into: target, row: columns, bias: bias, byDots: byDots, on: kernels)
    }
    // A helper is worth some 400 000 multiplications, 4 µs: it has to fetch the operands from the
    // other core's cache.
    let worthwhile = 400_000
    let least = max(1, worthwhile / max(1, rows * inner * columns))
    if batch > 1 {
      inParallel(batch, grain: least) { matrices in
        for matrix in matrices { multiply(matrix, 0..<rows, ofRows: true) }
      }
    } else if batch == 1, rows >= columns {
      inParallel(rows, grain: max(14, worthwhile / max(1, inner * columns)), pieces: 1) {
        multiply(0, $0, ofRows: true)
      }
    } else if batch == 1 {
      inParallel(columns, grain: max(32, worthwhile / max(1, inner * rows)), unit: 32, pieces: 1) {
        multiply(0, $0, ofRows: false)
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
