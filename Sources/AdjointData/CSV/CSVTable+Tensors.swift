import Adjoint

extension CSVTable {
  /// The categories of a column: its different texts, or its integers as texts, in order.
  public func categories(_ name: String) throws(FileError) -> [String] {
    switch try column(name).values {
    case .texts(let texts): Set(texts.compactMap { $0 }).sorted()
    case .integers(let integers): Set(integers.compactMap { $0 }).sorted().map(String.init)
    case .numbers: throw invalid("column \(name.quoted) has fractions, which are no categories")
    }
  }

  /// Returns columns of numbers as a tensor.
  ///
  ///     n rows, k names   →   float32[n, k], or of another floating-point type
  /// - Precondition: the element type is floating-point.
  public func numbers(
    _ names: [String], missing: MissingValues = .refused, dtype: DType = .float32
  ) throws(FileError) -> Tensor {
    let rows = try rows(names, missing)
    return try numbers(names, rows, dtype)
  }

  /// Returns rows as samples: columns of numbers as inputs, and others of numbers as targets, as for regression.
  ///
  ///     inputs: float32[n, columns], labels: float32[n, targets]
  public func data(
    inputs: [String], targets: [String], missing: MissingValues = .refused
  ) throws(FileError) -> LabeledData {
    let rows = try rows(inputs + targets, missing)
    return LabeledData(
      inputs: try numbers(inputs, rows, .float32), labels: try numbers(targets, rows, .float32))
  }

  /// Returns rows as samples: columns of numbers as inputs, and the place of a column's category in
  /// ``categories(_:)`` as label.
  ///
  ///     inputs: float32[n, columns], labels: int32[n]
  ///
  /// A label that is missing cannot be NaN: the row is refused or left out.
  public func data(
    inputs: [String], labels: String, missing: MissingValues = .refused
  ) throws(FileError) -> LabeledData {
    var rows = try rows(inputs + [labels], missing)
    let categories = try categories(labels)
    let places = Dictionary(uniqueKeysWithValues: zip(categories, categories.indices))
    let column = try column(labels)
    let texts: [String?] =
      switch column.values {
      case .texts(let texts): texts
      case .integers(let integers): integers.map { $0.map(String.init) }
      case .numbers: []
      }
    let known = rows.filter { texts[$0] != nil }
    guard known.count == rows.count || missing != .notANumber else {
      throw absent(rows.first { texts[$0] == nil } ?? 0, labels)
    }
    rows = known
    return LabeledData(
      inputs: try numbers(inputs, rows, .float32),
      labels: Tensor(rows.map { Int32(places[texts[$0] ?? ""] ?? 0) }))
  }

  /// The rows to be used, by what is to be done about missing fields.
  private func rows(_ names: [String], _ missing: MissingValues) throws(FileError) -> [Int] {
    var rows = Array(0..<count)
    guard missing != .notANumber else { return rows }
    for name in names {
      let values = try column(name).values
      if missing == .leftOut {
        rows.removeAll { values.isMissing($0) }
      } else if let row = rows.first(where: { values.isMissing($0) }) {
        throw absent(row, name)
      }
    }
    return rows
  }

  private func numbers(
    _ names: [String], _ rows: [Int], _ dtype: DType
  ) throws(FileError) -> Tensor {
    require(
      dtype.isFloatingPoint, "CSV: numbers are floating-point, not \(dtype); cast them afterwards")
    var elements = [Double](repeating: 0, count: rows.count * names.count)
    for (place, name) in names.enumerated() {
      switch try column(name).values {
      case .integers(let integers):
        for (row, index) in rows.enumerated() {
          elements[row * names.count + place] = integers[index].map(Double.init) ?? .nan
        }
      case .numbers(let numbers):
        for (row, index) in rows.enumerated() {
          elements[row * names.count + place] = numbers[index] ?? .nan
        }
      case .texts(let texts):
        let row = texts.firstIndex { $0.map { Double(csv: $0) == nil } ?? false } ?? 0
        throw invalid(
          "column \(name.quoted) has \((texts[row] ?? "").quoted) in line \(lines[row]), which is no number"
        )
      }
    }
    if let place = elements.firstIndex(where: {
      dtype == .float32 && $0.isFinite && !Float($0).isFinite
    }) {
      throw invalid(
        "column \(names[place % names.count].quoted) has \(elements[place]) in line "
          + "\(lines[rows[place / names.count]]), which is beyond float32; read float64")
    }
    return Tensor(elements, shape: [rows.count, names.count], dtype: dtype)
  }

  private func absent(_ row: Int, _ name: String) -> FileError {
    invalid(
      "column \(name.quoted) is missing in line \(lines[row]); leave such rows out, or take NaN")
  }

  private func invalid(_ reason: String) -> FileError {
    FileError(file: name, problem: .invalid(reason))
  }
}
