import Adjoint
import Foundation

extension CSVTable {
  /// Writes rows of fields to a file, with a header.
  ///
  /// Fields with commas, quotes and ends of lines are put in quotes; lines end with LF. Whatever fails, an old
  /// file of the name is as before.
  /// - Precondition: every row has as many fields as the header, whose names are one or more, and distinct.
  public static func write(
    header: [String], rows: some Sequence<[String]>, to file: URL
  ) throws(FileError) {
    require(
      !header.isEmpty && Set(header).count == header.count,
      "CSV: the header is \(header); give each column a name of its own")
    try AtomicFile.write(to: file) { writer throws(FileError) in
      try writer.write(line(header))
      for row in rows {
        require(
          row.count == header.count,
          "CSV: a row has \(row.count) fields, and the header \(header.count); give one for each column"
        )
        try writer.write(line(row))
      }
    }
  }

  package static func line(_ fields: [String]) -> String {
    // One field without a character would be a line without one, which counts for nothing.
    if fields == [""] { return "\"\"\n" }
    return fields.map(quoted).joined(separator: ",") + "\n"
  }

  /// A field, in quotes if it needs them, as does what would count as a mark of UTF-8.
  private static func quoted(_ field: String) -> String {
    guard
      field.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) })
        || field.utf8.starts(with: "\u{FEFF}".utf8)
    else { return field }
    var text = "\""
    for scalar in field.unicodeScalars {
      if scalar == "\"" { text.unicodeScalars.append(scalar) }
      text.unicodeScalars.append(scalar)
    }
    return text + "\""
  }
}
