internal import AdjointKernels

extension Product {
  private var extents: ProductExtents {
    ProductExtents(rows: rows, inner: inner, columns: columns)
  }

  /// The order in which the product is added up: decided for the whole of it, whatever band a thread makes.
  private var order: AdjointProductOrder {
    let isNarrow = min(rows, columns) < (inner < 64 ? 3 : 16)
    let liesAlong = (!transposesLeft || rows == 1) && (transposesRight || columns == 1)
    return !isNarrow || !liesAlong
      ? adjointByTiles : rows == 1 && columns == 1 ? adjointByOneDot : adjointByDots
  }

  /// The least number of rows of one product that is worth a thread.
  private var bandHeight: Int {
    max(14, Grain.count(of: inner * columns, in: Grain.multiplications))
  }

  /// Whether bands of rows share the panels of a large right operand; those of a small one are sooner
  /// made again than fetched from the other core's cache.
  private var sharesPanels: Bool {
    batch == 1 && rows >= columns && threads > 1 && rows > bandHeight && rows >= 128
      && inner * columns >= 1 << 18 && order == adjointByTiles
  }

  /// What the compiled kernel works in.
  func scratch(for operands: borrowing CompiledFrame) -> Scratch {
    func scratch<Scalar: RealScalar>(_: Scalar.Type) -> Scratch {
      let (size, kernels) = unsafe (MemoryLayout<Scalar>.stride, operands.kernels)
      return unsafe Scratch(
        shared: sharesPanels ? Scalar.panelsCount(extents, on: kernels) * size : 0,
        perThread: Scalar.scratchCount(extents, on: kernels) * size)
    }
    return operands.dtype == .float64 ? scratch(Double.self) : scratch(Float.self)
  }

  /// The product of inputs 0 and 1, plus input 2 if it is a bias.
  func compute(
    _ frame: borrowing CompiledFrame, hasBias: Bool, _ workspace: borrowing Workspace
  ) {
    func compute<Scalar: RealScalar>(_: Scalar.Type) {
      unsafe self.compute(
        frame.input(0, as: Scalar.self), frame.input(1), bias: hasBias ? frame.input(2) : nil,
        into: frame.output(0), on: frame.kernels, workspace)
    }
    if frame.dtype == .float64 { compute(Double.self) } else { compute(Float.self) }
  }

  /// The compiled kernel: whole products to each thread where there is a batch, else bands of rows or of
  /// columns, whichever are more.
  private func compute<Scalar: RealScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, bias: UnsafePointer<Scalar>?,
    into y: UnsafeMutablePointer<Scalar>, on kernels: UnsafePointer<AdjointKernels>,
    _ workspace: borrowing Workspace
  ) {
    let (extents, order) = (extents, order)
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
    func multiply(
      rows band: Range<Int>, of matrix: Int, packed: UnsafePointer<Scalar>?,
      _ scratch: UnsafeMutablePointer<Scalar>
    ) {
      var extents = extents
      extents.rows = band.count
      unsafe Scalar.multiply(
        extents, left(matrix).from(row: band.lowerBound), right(matrix), packed: packed,
        into: y + (matrix * rows + band.lowerBound) * columns, row: columns, bias: bias,
        order: order, scratch: scratch, on: kernels)
    }
    func multiply(columns band: Range<Int>, _ scratch: UnsafeMutablePointer<Scalar>) {
      var extents = extents
      extents.columns = band.count
      unsafe Scalar.multiply(
        extents, left(0), right(0).from(column: band.lowerBound), packed: nil,
        into: y + band.lowerBound, row: columns,
        bias: bias.map { unsafe $0 + band.lowerBound }, order: order, scratch: scratch,
        on: kernels)
    }
    if batch > 1 {
      let least = Grain.count(of: rows * inner * columns, in: Grain.multiplications)
      inParallel(batch, grain: least) { matrices in
        unsafe workspace.withPart(as: Scalar.self) { scratch in
          for matrix in matrices {
            unsafe multiply(rows: 0..<rows, of: matrix, packed: nil, scratch)
          }
        }
      }
    } else if batch == 1, rows >= columns {
      let panels = unsafe sharesPanels ? workspace.shared(as: Scalar.self) : nil
      if let panels = unsafe panels {
        unsafe Scalar.pack(extents, right(0), into: panels, on: kernels)
      }
      inParallel(rows, grain: bandHeight, pieces: 1) { band in
        unsafe workspace.withPart(as: Scalar.self) {
          unsafe multiply(rows: band, of: 0, packed: UnsafePointer(panels), $0)
        }
      }
    } else if batch == 1 {
      let grain = max(32, Grain.count(of: inner * rows, in: Grain.multiplications))
      inParallel(columns, grain: grain, unit: 32, pieces: 1) { band in
        unsafe workspace.withPart(as: Scalar.self) { unsafe multiply(columns: band, $0) }
      }
    }
  }
}
