import Adjoint
import Foundation

/// Reads a file of comma-separated values row by row: however long it is, one row is in memory.
///
/// ```swift
/// var reader = try CSVReader(URL(filePath: "houses.csv"))
/// while let row = try reader.next() { print(row.fields) }
/// ```
///
/// A field in quotes may hold separators, ends of lines, and quotes, each written twice. Lines end with LF, CR LF or
/// CR, the last one also with the file. Lines without a character are left out. Text is UTF-8, with or
/// without a mark of it at the start. Every row has as many fields as the first one. What breaks these rules is told
/// by its line and column.
///
/// Source: RFC 4180, "Common format and MIME type for comma-separated values files" (2005).
public struct CSVReader {
  /// The names of the columns: the fields of the first row, or their numbers from 0 where there is no header.
  public let header: [String]
  private var bytes: TextBytes
  private let separator: UInt8
  private var first: Row?

  /// A row.
  public struct Row: Sendable, Equatable {
    /// What stands in its fields.
    public let fields: [String]
    /// Where each field starts.
    public let places: [Place]

    /// The line that it starts in, counted from 1.
    public var line: Int { places[0].line }
  }

  /// A place in a file of text: a line, and a character in it, both counted from 1.
  public struct Place: Sendable, Equatable {
    /// The line.
    public var line = 1
    /// The character in the line.
    public var column = 1
  }

  /// Opens a file, and reads its header.
  /// - Parameters:
  ///   - file: the file.
  ///   - separator: what stands between fields, one ASCII character: `";"` or `"\t"` in some files.
  ///   - hasHeader: whether the first row names the columns.
  /// - Precondition: the separator is an ASCII character, and neither a quote nor the end of a line.
  public init(
    _ file: URL, separator: Character = ",", hasHeader: Bool = true
  ) throws(FileError) {
    try self.init(ByteSource(file), separator, hasHeader)
  }

  /// Takes the bytes of a file; `name` is what errors call it.
  public init(
    decoding bytes: [UInt8], name: String, separator: Character = ",", hasHeader: Bool = true
  ) throws(FileError) {
    try self.init(ByteSource(bytes, name: name), separator, hasHeader)
  }

  private init(_ source: ByteSource, _ separator: Character, _ hasHeader: Bool) throws(FileError) {
    guard let byte = separator.asciiValue, !"\"\r\n".utf8.contains(byte) else {
      stop("CSV: \(separator) cannot separate fields; give an ASCII character such as \",\"")
    }
    self.separator = byte
    bytes = try TextBytes(source)
    guard let row = try CSVReader.row(&bytes, byte) else {
      throw bytes.fail(Place(), "there is no row")
    }
    guard hasHeader else {
      first = row
      header = row.fields.indices.map(String.init)
      return
    }
    var names: Set<String> = []
    for (name, place) in zip(row.fields, row.places) where !names.insert(name).inserted {
      throw bytes.fail(place, "two columns are called \(name.quoted); rename one")
    }
    header = row.fields
  }

  /// The next row; nil at the end.
  public mutating func next() throws(FileError) -> Row? {
    if let row = first {
      first = nil
      return row
    }
    guard let row = try CSVReader.row(&bytes, separator) else { return nil }
    guard row.fields.count == header.count else {
      throw bytes.fail(
        row.fields.count > header.count ? row.places[header.count] : bytes.endOfLine,
        "the row has \(row.fields.count) fields, and there are \(header.count) columns")
    }
    return row
  }

  /// Reads a row; nil at the end of the file.
  private static func row(_ bytes: inout TextBytes, _ separator: UInt8) throws(FileError) -> Row? {
    while try bytes.skipsEndOfLine() {}
    guard try bytes.peek() != nil else { return nil }
    var (fields, places): ([String], [Place]) = ([], [])
    repeat {
      places.append(bytes.place)
      fields.append(try field(&bytes, separator))
    } while try bytes.skips(separator)
    _ = try bytes.skipsEndOfLine()
    return Row(fields: fields, places: places)
  }

  /// Reads a field, up to the separator or the end of the line.
  private static func field(
    _ bytes: inout TextBytes, _ separator: UInt8
  ) throws(FileError) -> String {
    let start = bytes.place
    var text: [UInt8] = []
    if try bytes.skips(UInt8(ascii: "\"")) {
      while true {
        guard let byte = try bytes.take() else {
          throw bytes.fail(start, "a quote is never closed")
        }
        // Of two quotes one is meant, and a single one ends the field.
        if byte == UInt8(ascii: "\""), try !bytes.skips(byte) { break }
        text.append(byte)
      }
      if let byte = try bytes.peek(), byte != separator, !TextBytes.endsLine(byte) {
        throw bytes.fail(bytes.place, "something follows a closed quote")
      }
    } else {
      while let byte = try bytes.peek(), byte != separator, !TextBytes.endsLine(byte) {
        guard byte != UInt8(ascii: "\"") else {
          throw bytes.fail(
            bytes.place,
            "a quote within a field; write it twice, and the field in quotes")
        }
        text.append(byte)
        _ = try bytes.take()
      }
    }
    guard let field = String(validating: text, as: UTF8.self) else {
      throw bytes.fail(start, "the field is no UTF-8; save the file as UTF-8")
    }
    return field
  }
}
