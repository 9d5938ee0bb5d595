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

  /// Adds up row by row, along rows of the right operand, which is turned first if it is
  /// transposed; what a zero is multiplied by may be left out, one of the left operand, or of the right one, too.
  func compute<Scalar: RealScalar>(
    _ a: KernelInput<Scalar>, _ b: KernelInput<Scalar>, into y: inout KernelOutput<Scalar>,
    leavingOutZeros: Bool = false, ofRight: Bool = false
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
          if leavingOutZeros, factor == 0 { continue }
          for j in 0..<columns where !ofRight || right[row + j] != 0 {
            sums[j] += factor * right[row + j]
          }
        }
        let row = (matrix * rows + i) * columns
        for j in 0..<columns { y[row + j] = sums[j] }
      }
    }
  }
}
