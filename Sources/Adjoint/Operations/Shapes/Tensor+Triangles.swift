// Triangles of matrices, and elements that a mask leaves out.

extension Tensor {
  /// Makes a mask that holds where the column is at most the row plus `offset`.
  ///
  ///     rows: 2, columns: 3   →   bool[2, 3]: true false false, true true false
  public static func lowerTriangle(_ rows: Int, _ columns: Int, offset: Int = 0) -> Tensor {
    require(
      rows >= 0 && columns >= 0,
      "lowerTriangle: there are \(rows) rows and \(columns) columns; give 0 or more of each")
    // Beyond the corners all diagonals are one.
    let offset = Swift.min(Swift.max(offset, -rows), columns)
    let places = Tensor.range(0..<columns)
    return places.expanded(at: 0) .<= (Tensor.range(0..<rows) + offset).expanded(at: 1)
  }

  /// Returns the elements of the last two axes on a diagonal and below it, and zeros.
  ///
  ///     x: [N…, A, B]   →   [N…, A, B]
  ///
  /// Pullback: x̄ = ȳ where the elements are kept.
  /// - Parameter offset: how far above the main diagonal the last one kept is.
  /// - Precondition: there are two axes or more.
  public func lowerTriangular(offset: Int = 0) -> Tensor {
    filled(where: .!triangle(offset, "lowerTriangular"), with: 0)
  }

  /// Returns the elements of the last two axes on a diagonal and above it, and zeros.
  ///
  ///     x: [N…, A, B]   →   [N…, A, B]
  ///
  /// Pullback: x̄ = ȳ where the elements are kept.
  /// - Parameter offset: how far above the main diagonal the first one kept is.
  /// - Precondition: there are two axes or more.
  public func upperTriangular(offset: Int = 0) -> Tensor {
    filled(
      where: triangle(offset == .min ? offset : offset - 1, "upperTriangular"), with: 0)
  }

  private func triangle(_ offset: Int, _ operation: String) -> Tensor {
    require(rank >= 2, "\(operation): \(type) has fewer than 2 axes; give matrices")
    return .lowerTriangle(shape[rank - 2], shape[rank - 1], offset: offset)
  }

  /// Returns the elements, and a number where a mask holds, which is broadcast.
  ///
  /// Pullback: x̄ = ȳ where the mask does not hold, else 0.
  /// - Precondition: the mask is bool, and has no more elements along an axis than this tensor.
  public func filled(where mask: Tensor, with value: Double) -> Tensor {
    require(
      mask.dtype == .bool,
      "filled: the mask is \(mask.type), not bool; compare, as in x .> 0")
    require(
      mask.rank <= rank
        && zip(mask.shape.reversed(), shape.reversed()).allSatisfy { $0 == 1 || $0 == $1 },
      "filled: the mask \(mask.type) is not broadcast to \(type); give one with 1 or as many elements along each axis"
    )
    return scalar(value, "filled").select(where: mask, otherwise: self)
  }
}
