extension [[String]] {
  /// The rows as lines of a table: each column is as wide as its widest text, the first so many begin at the left,
  /// and the others, of numbers, end at the right.
  /// - Precondition: all rows have as many columns.
  package func aligned(texts: Int) -> String {
    let columns = first?.indices ?? 0..<0
    let widths = columns.map { column in map { $0[column].count }.max() ?? 0 }
    return map { row in
      columns.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column < texts ? row[column] + space : space + row[column]
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
