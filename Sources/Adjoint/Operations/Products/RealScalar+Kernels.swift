internal import AdjointKernels

// The kernels in C that are there for float32 and for float64, by the element type.

extension RealScalar {
  /// The sum of elements that lie together.
  static func sum(
    _ x: UnsafePointer<Self>, _ count: Int, on kernels: UnsafePointer<AdjointKernels>
  ) -> Double {
    let x = unsafe UnsafeRawPointer(x)
    return if Self.self == Float.self {
      unsafe kernels.pointee.sumFloat(x.assumingMemoryBound(to: Float.self), count)
    } else {
      unsafe kernels.pointee.sumDouble(x.assumingMemoryBound(to: Double.self), count)
    }
  }

  /// Adds rows that lie together to sums, element by element.
  static func sumRows(
    _ x: UnsafePointer<Self>, _ rows: Int, _ width: Int, into sums: UnsafeMutablePointer<Double>,
    on kernels: UnsafePointer<AdjointKernels>
  ) {
    let x = unsafe UnsafeRawPointer(x)
    if Self.self == Float.self {
      unsafe kernels.pointee.sumRowsFloat(
        x.assumingMemoryBound(to: Float.self), rows, width, sums)
    } else {
      unsafe kernels.pointee.sumRowsDouble(
        x.assumingMemoryBound(to: Double.self), rows, width, sums)
    }
  }

  /// The number of elements that a matrix product works in.
  static func scratchCount(
    _ extents: ProductExtents, on kernels: UnsafePointer<AdjointKernels>
  ) -> Int {
    let (m, k, n) = (extents.rows, extents.inner, extents.columns)
    return Self.self == Float.self
      ? unsafe kernels.pointee.productScratchFloat(m, k, n)
      : unsafe kernels.pointee.productScratchDouble(m, k, n)
  }

  /// One matrix product, y = a·b + bias, on the calling thread; `packed` are the panels of b, if they
  /// have been made.
  static func multiply(
    _ extents: ProductExtents, _ a: StridedMatrix<Self>, _ b: StridedMatrix<Self>,
    packed: UnsafePointer<Self>?, into y: UnsafeMutablePointer<Self>, row: Int,
    bias: UnsafePointer<Self>?, order: AdjointProductOrder, scratch: UnsafeMutablePointer<Self>,
    on kernels: UnsafePointer<AdjointKernels>
  ) {
    let (m, k, n) = (extents.rows, extents.inner, extents.columns)
    let (left, right) = unsafe (UnsafeRawPointer(a.start), UnsafeRawPointer(b.start))
    let (packed, bias) = unsafe (UnsafeRawPointer(packed), UnsafeRawPointer(bias))
    let (y, scratch) = (UnsafeMutableRawPointer(y), UnsafeMutableRawPointer(scratch))
    if Self.self == Float.self {
      unsafe kernels.pointee.productFloat(
        m, k, n, left.assumingMemoryBound(to: Float.self), a.row, a.column,
        right.assumingMemoryBound(to: Float.self), b.row, b.column,
        packed?.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self), row,
        bias?.assumingMemoryBound(to: Float.self), order, 0,
        scratch.assumingMemoryBound(to: Float.self))
    } else {
      unsafe kernels.pointee.productDouble(
        m, k, n, left.assumingMemoryBound(to: Double.self), a.row, a.column,
        right.assumingMemoryBound(to: Double.self), b.row, b.column,
        packed?.assumingMemoryBound(to: Double.self), y.assumingMemoryBound(to: Double.self), row,
        bias?.assumingMemoryBound(to: Double.self), order, 0,
        scratch.assumingMemoryBound(to: Double.self))
    }
  }

  /// The number of elements of the panels of the right operand of a product.
  static func panelsCount(
    _ extents: ProductExtents, on kernels: UnsafePointer<AdjointKernels>
  ) -> Int {
    let width = unsafe panelWidth(on: kernels)
    return extents.inner * ((extents.columns + width - 1) / width) * width
  }

  private static func panelWidth(on kernels: UnsafePointer<AdjointKernels>) -> Int {
    Self.self == Float.self
      ? unsafe kernels.pointee.panelWidthFloat() : unsafe kernels.pointee.panelWidthDouble()
  }

  /// Makes the panels of the right operand of a product, on all threads.
  static func pack(
    _ extents: ProductExtents, _ b: StridedMatrix<Self>, into packed: UnsafeMutablePointer<Self>,
    on kernels: UnsafePointer<AdjointKernels>
  ) {
    let width = unsafe panelWidth(on: kernels)
    let (source, target) = unsafe (UnsafeRawPointer(b.start), UnsafeMutableRawPointer(packed))
    inParallel(
      (extents.columns + width - 1) / width, grain: Grain.count(of: extents.inner * width)
    ) { range in
      if Self.self == Float.self {
        unsafe kernels.pointee.packPanelsFloat(
          extents.inner, extents.columns, source.assumingMemoryBound(to: Float.self), b.row,
          b.column, range.lowerBound, range.upperBound, target.assumingMemoryBound(to: Float.self))
      } else {
        unsafe kernels.pointee.packPanelsDouble(
          extents.inner, extents.columns, source.assumingMemoryBound(to: Double.self), b.row,
          b.column, range.lowerBound, range.upperBound,
          target.assumingMemoryBound(to: Double.self))
      }
    }
  }
}

/// The extents of a product: [rows, inner] · [inner, columns].
struct ProductExtents {
  var rows: Int
  var inner: Int
  var columns: Int
}

/// A matrix in memory, with the distances of neighbours along its axes: exchanged, they turn it.
@safe
struct StridedMatrix<Scalar> {
  let start: UnsafePointer<Scalar>
  let row: Int
  let column: Int

  init(_ start: UnsafePointer<Scalar>, row: Int, column: Int) {
    unsafe self.start = start
    self.row = row
    self.column = column
  }

  /// The matrix from another element on.
  func from(row first: Int = 0, column: Int = 0) -> StridedMatrix {
    unsafe StridedMatrix(
      start + first * row + column * self.column, row: row, column: self.column)
  }
}
