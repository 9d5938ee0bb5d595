/// The bytes of a file of text one after another, and the line and column of the next one.
struct TextBytes {
  private let source: ByteSource
  private var part: [UInt8] = []
  private var next = 0
  private var start = 0
  /// Where the next byte is.
  private(set) var place = CSVReader.Place()
  /// Where the last line ended.
  private(set) var endOfLine = CSVReader.Place()

  private static let partSize = 1 << 16

  /// Starts behind a mark of UTF-8.
  init(_ source: ByteSource) throws(FileError) {
    self.source = source
    let mark = try source.bytes(0..<min(3, source.count))
    if mark == [0xEF, 0xBB, 0xBF] { start = 3 }
    if mark.starts(with: [0xFF, 0xFE]) || mark.starts(with: [0xFE, 0xFF]) {
      throw source.error(.unsupported("is UTF-16", remedy: "save it as UTF-8"))
    }
  }

  /// The next byte; nil at the end.
  mutating func peek() throws(FileError) -> UInt8? {
    if next == part.count {
      start += part.count
      part = try source.bytes(start..<min(start + TextBytes.partSize, source.count))
      next = 0
    }
    return next < part.count ? part[next] : nil
  }

  /// Takes the next byte; nil at the end.
  mutating func take() throws(FileError) -> UInt8? {
    guard let byte = try peek() else { return nil }
    next += 1
    if byte == 10 {
      startLine()
    } else if byte & 0xC0 != 0x80 {
      // The further bytes of a character do not count.
      place.column += 1
    }
    return byte
  }

  /// Takes the next byte if it is this one.
  mutating func skips(_ byte: UInt8) throws(FileError) -> Bool {
    guard try peek() == byte else { return false }
    _ = try take()
    return true
  }

  /// Takes the end of a line, if one is next: LF, CR LF or CR.
  mutating func skipsEndOfLine() throws(FileError) -> Bool {
    endOfLine = place
    guard let byte = try peek(), TextBytes.endsLine(byte) else { return false }
    _ = try take()
    if byte == 13, try !skips(10) { startLine() }
    return true
  }

  private mutating func startLine() {
    place.line += 1
    place.column = 1
  }

  /// Whether a byte ends a line.
  static func endsLine(_ byte: UInt8) -> Bool { byte == 10 || byte == 13 }

  /// An error at a place.
  func fail(_ place: CSVReader.Place, _ reason: String) -> FileError {
    source.error(.malformed(line: place.line, column: place.column, reason))
  }
}
