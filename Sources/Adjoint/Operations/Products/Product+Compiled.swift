internal import AdjointKernels

extension Product {
  /// The order in which the product is added up: decided for the whole of it, whatever band a thread makes.
  private var order: AdjointProductOrder {
    let isNarrow = min(rows, columns) < (inner < 64 ? 3 : 16)
    let liesAlong = (!transposesLeft || rows == 1) && (transposesRight || columns == 1)
    return !isNarrow || !liesAlong
      ? adjointByTiles : rows == 1 && columns == 1 ? adjointByOneDot : adjointByDots
  }

  /// How far neighbours are apart in the left operand: along its rows' axis, and along its columns'.
  private var left: (row: Int, column: Int) {
    (transposesLeft ? 1 : inner, transposesLeft && rows != 1 ? rows : 1)
  }

  /// The same of the right operand.
  private var right: (row: Int, column: Int) {
    (transposesRight || columns == 1 ? 1 : columns, transposesRight ? inner : 1)
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
    let (kernels, size) = unsafe (operands.realKernels, operands.dtype.byteCount)
    let width = unsafe kernels.pointee.panelWidth()
    let panels = inner * ((columns + width - 1) / width) * width
    return unsafe Scratch(
      shared: sharesPanels ? panels * size : 0,
      perThread: kernels.pointee.productScratch(rows, inner, columns) * size)
  }

  /// Makes the panels of the right operand, on all threads.
  private func pack(
    _ b: UnsafeRawPointer, into panels: UnsafeMutableRawPointer,
    on kernels: UnsafePointer<AdjointRealKernels>
  ) {
    let width = unsafe kernels.pointee.panelWidth()
    inParallel((columns + width - 1) / width, grain: Grain.count(of: inner * width)) {
      unsafe kernels.pointee.packPanels(
        inner, columns, b, right.row, right.column, $0.lowerBound, $0.upperBound, panels)
    }
  }

  /// The product of inputs 0 and 1, plus input 2 if it is a bias.
  func compute(
    _ frame: borrowing CompiledFrame, hasBias: Bool, _ workspace: borrowing Workspace
  ) {
    unsafe compute(
      frame.elements(ofInput: 0), frame.elements(ofInput: 1),
      plus: hasBias ? frame.elements(ofInput: 2) : nil, into: frame.elements(ofOutput: 0),
      on: frame.realKernels, workspace)
  }

  /// A product, plus a bias or what is there already: whole products to each thread where there is a batch,
  /// else bands of rows or of columns, whichever are more.
  func compute(
    _ a: Elements, _ b: Elements, plus bias: Elements? = nil, into y: MutableElements,
    adding: Bool = false, on kernels: UnsafePointer<AdjointRealKernels>,
    _ workspace: borrowing Workspace
  ) {
    let (order, accumulates) = (order, Int32(adding ? 1 : 0))
    func multiply(
      rows band: Range<Int>, of matrix: Int, packed: UnsafeRawPointer?,
      _ scratch: UnsafeMutableRawPointer
    ) {
      unsafe kernels.pointee.product(
        band.count, inner, columns, a.from(matrix * rows * inner + band.lowerBound * left.row),
        left.row, left.column, b.from(matrix * inner * columns), right.row, right.column, packed,
        y.from((matrix * rows + band.lowerBound) * columns), columns, bias?.start, order,
        accumulates, scratch)
    }
    func multiply(columns band: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
      unsafe kernels.pointee.product(
        rows, inner, band.count, a.start, left.row, left.column,
        b.from(band.lowerBound * right.column), right.row, right.column, nil,
        y.from(band.lowerBound), columns, bias?.from(band.lowerBound), order, accumulates,
        scratch)
    }
    if batch > 1 {
      let least = Grain.count(of: rows * inner * columns, in: Grain.multiplications)
      inParallel(batch, grain: least) { matrices in
        unsafe workspace.withPart(as: UInt8.self) { scratch in
          for matrix in matrices {
            unsafe multiply(rows: 0..<rows, of: matrix, packed: nil, scratch)
          }
        }
      }
    } else if batch == 1, rows >= columns {
      let panels = unsafe sharesPanels ? workspace.shared : nil
      if let panels = unsafe panels { unsafe pack(b.start, into: panels, on: kernels) }
      inParallel(rows, grain: bandHeight, pieces: 1) { band in
        unsafe workspace.withPart(as: UInt8.self) {
          unsafe multiply(rows: band, of: 0, packed: UnsafeRawPointer(panels), $0)
        }
      }
    } else if batch == 1 {
      let grain = max(32, Grain.count(of: inner * rows, in: Grain.multiplications))
      inParallel(columns, grain: grain, unit: 32, pieces: 1) { band in
        unsafe workspace.withPart(as: UInt8.self) { unsafe multiply(columns: band, $0) }
      }
    }
  }
}
