import Adjoint
import Foundation

/// A file of comma-separated values in memory, column by column.
///
/// ```swift
/// let table = try CSVTable.read(URL(filePath: "houses.csv"))
/// let data = try table.data(inputs: ["rooms", "area"], targets: ["price"])
/// ```
///
/// A column is of integers if all its fields are, of numbers if all are those, and otherwise of texts. Fields that are
/// ``missing`` belong to any. A number is written in decimal, as `12`, `-0.5` or `1e-3`, with spaces around it or
/// not; infinity and hexadecimal numbers are texts.
public struct CSVTable: Sendable {
  /// The columns, in the order of the file.
  public let columns: [Column]
  /// The line in which each row starts.
  let lines: [Int]
  /// What errors call the file.
  let name: String

  /// A column.
  public struct Column: Sendable {
    /// The name.
    public let name: String
    /// The fields, from the first row on.
    public let values: Values
  }

  /// The fields of a column; nil for those that are missing.
  public enum Values: Sendable, Equatable {
    /// Integers that an int32 holds.
    case integers([Int32?])
    /// Numbers.
    case numbers([Double?])
    /// Other texts, as they stand in the file.
    case texts([String?])
  }

  /// What to do about missing fields.
  public enum MissingValues: Sendable {
    /// Throws, with the line and the column of the first one.
    case refused
    /// Leaves out the rows that have one in the columns asked for.
    case leftOut
    /// Takes NaN for them.
    case notANumber
  }

  /// Which fields are missing ones unless said otherwise: `""`, `NA`, `N/A`, `NaN`, `nan`, `null`, `NULL` and
  /// `?`, in quotes or not.
  public static let missing: Set<String> = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "?"]

  /// Reads a file.
  /// - Parameters:
  ///   - file: the file.
  ///   - separator: what stands between fields.
  ///   - hasHeader: whether the first row names the columns; otherwise they are called 0, 1, ….
  ///   - missing: which fields are missing ones.
  public static func read(
    _ file: URL, separator: Character = ",", hasHeader: Bool = true,
    missing: Set<String> = CSVTable.missing
  ) throws(FileError) -> CSVTable {
    try CSVTable(
      CSVReader(file, separator: separator, hasHeader: hasHeader), file.lastPathComponent, missing)
  }

  /// Reads the bytes of a file; `name` is what errors call it.
  public static func decode(
    _ bytes: [UInt8], name: String, separator: Character = ",", hasHeader: Bool = true,
    missing: Set<String> = CSVTable.missing
  ) throws(FileError) -> CSVTable {
    try CSVTable(
      CSVReader(decoding: bytes, name: name, separator: separator, hasHeader: hasHeader), name,
      missing)
  }

  private init(_ reader: CSVReader, _ name: String, _ missing: Set<String>) throws(FileError) {
    var reader = reader
    var (lines, fields) = ([Int](), [[String?]](repeating: [], count: reader.header.count))
    while let row = try reader.next() {
      lines.append(row.line)
      for (column, field) in row.fields.enumerated() {
        fields[column].append(missing.contains(field) ? nil : field)
      }
    }
    self.lines = lines
    self.name = name
    columns = zip(reader.header, fields).map { Column(name: $0, values: Values($1)) }
  }

  /// The number of rows.
  public var count: Int { lines.count }

  /// The column of a name.
  public func column(_ name: String) throws(FileError) -> Column {
    if let column = columns.first(where: { $0.name == name }) { return column }
    throw FileError(
      file: self.name,
      problem: .missing(
        "column \(name.quoted)", nearest: NearestName.of(name, in: columns.map(\.name))?.quoted))
  }
}

extension CSVTable.Values {
  /// Finds the narrowest type that all fields have.
  fileprivate init(_ fields: [String?]) {
    func all<Value>(_ parse: (String) -> Value?) -> [Value?]? {
      var values: [Value?] = []
      values.reserveCapacity(fields.count)
      for field in fields {
        guard let field else {
          values.append(nil)
          continue
        }
        guard let value = parse(field) else { return nil }
        values.append(value)
      }
      return values
    }
    if let integers = all({ Int32(csv: $0) }) {
      self = .integers(integers)
    } else if let numbers = all({ Double(csv: $0) }) {
      self = .numbers(numbers)
    } else {
      self = .texts(fields)
    }
  }

  func isMissing(_ row: Int) -> Bool {
    switch self {
    case .integers(let values): values[row] == nil
    case .numbers(let values): values[row] == nil
    case .texts(let values): values[row] == nil
    }
  }
}

extension Double {
  /// A number as it stands in a file, with spaces around it or not.
  init?(csv text: String) {
    let text = text.drop { $0 == " " }
    let digits = text.prefix { "0123456789+-.eE".contains($0) }
    guard text.dropFirst(digits.count).allSatisfy({ $0 == " " }) else { return nil }
    self.init(digits)
    // One beyond the largest would be infinite.
    if !isFinite { return nil }
  }
}

extension Int32 {
  init?(csv text: String) {
    let text = text.drop { $0 == " " }
    let digits = text.prefix { "0123456789+-".contains($0) }
    guard text.dropFirst(digits.count).allSatisfy({ $0 == " " }) else { return nil }
    self.init(digits)
  }
}
