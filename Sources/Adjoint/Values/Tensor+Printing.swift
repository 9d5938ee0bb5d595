extension Tensor: CustomStringConvertible {
  /// The type, and the elements in aligned columns, shortened in the middle of long axes.
  ///
  ///     float32[2, 3]
  ///     [[1.0000, 2.0000, 3.0000],
  ///      [4.0000, 5.5000, 6.0000]]
  ///
  /// A single value stands behind its type: `float32[] 0.5000`.
  public var description: String {
    guard count > 0 else { return "\(type)\n[]" }
    if rank == 0 {
      let value = [Double](self)
      return "\(type) \(NumberFormat(of: value, dtype: dtype).text(value[0]))"
    }
    let elements = [Double](self)
    let shown = shownPositions.map { elements[$0] }
    let format = NumberFormat(of: shown, dtype: dtype)
    let width = shown.map { format.text($0).count }.max() ?? 0
    var lines = ""
    func append(axis: Int, offset: Int, indent: String) {
      guard axis < rank else {
        let text = format.text(elements[offset])
        lines += String(repeating: " ", count: width - text.count) + text
        return
      }
      let stride = shape[(axis + 1)...].reduce(1, *)
      let isLast = axis == rank - 1
      lines += "["
      var previous = -1
      for index in shownIndices(axis) {
        if previous >= 0 { lines += isLast ? ", " : ",\n" + indent + " " }
        if index > previous + 1 { lines += isLast ? "…, " : "…\n" + indent + " " }
        append(axis: axis + 1, offset: offset + index * stride, indent: indent + " ")
        previous = index
      }
      lines += "]"
    }
    append(axis: 0, offset: 0, indent: "")
    return "\(type)\n\(lines)"
  }

  /// The indices of an axis that are printed: all, or the first and last three of a long one.
  private func shownIndices(_ axis: Int) -> [Int] {
    let extent = shape[axis]
    let edge = 3
    let threshold = axis == rank - 1 ? 10 : 2 * edge
    if extent <= threshold { return Array(0..<extent) }
    return Array(0..<edge) + Array((extent - edge)..<extent)
  }

  private var shownPositions: [Int] {
    (0..<rank).reduce([0]) { positions, axis in
      positions.flatMap { position in shownIndices(axis).map { position * shape[axis] + $0 } }
    }
  }
}

/// How the numbers of one printed tensor are written, so that their columns align.
private struct NumberFormat {
  private enum Style { case integer, truth, fixed, scientific }
  private let style: Style
  private static let decimals = 4

  init(of numbers: [Double], dtype: DType) {
    let magnitudes = numbers.filter { $0.isFinite && $0 != 0 }.map(abs)
    switch dtype {
    case .int32: style = .integer
    case .bool: style = .truth
    case .float32, .float64:
      // Beyond these, four decimals would show nothing, or ten digits that are not significant.
      let fits = (magnitudes.max() ?? 1) < 1e6 && (magnitudes.max() ?? 1) >= 1e-3
      style = fits ? .fixed : .scientific
    }
  }

  func text(_ number: Double) -> String {
    switch style {
    case .integer: String(Int(number))
    case .truth: number != 0 ? "true" : "false"
    // A NaN has no sign that means something.
    case .fixed: number.isFinite ? fixed(number) : number.isNaN ? "nan" : "\(number)"
    case .scientific: number.isFinite ? scientific(number) : number.isNaN ? "nan" : "\(number)"
    }
  }

  private func fixed(_ number: Double) -> String {
    let scaled = Int((abs(number) * 1e4).rounded())
    let fraction = String(scaled % 10_000)
    let zeros = String(repeating: "0", count: NumberFormat.decimals - fraction.count)
    return (number < 0 ? "-" : "") + "\(scaled / 10_000).\(zeros)\(fraction)"
  }

  private func scientific(_ number: Double) -> String {
    guard number != 0 else { return "0.0000e+00" }
    var exponent = 0
    var significand = abs(number)
    while significand >= 9.99995 { (significand, exponent) = (significand / 10, exponent + 1) }
    while significand < 0.999995 { (significand, exponent) = (significand * 10, exponent - 1) }
    let digits = String(abs(exponent))
    let padded = String(repeating: "0", count: max(0, 2 - digits.count)) + digits
    return (number < 0 ? "-" : "") + fixed(significand) + "e" + (exponent < 0 ? "-" : "+") + padded
  }
}
