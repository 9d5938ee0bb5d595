/// Reads JSON that says which members it has to have, from the first byte to the last.
///
/// Foundation's reader keeps one of two members of the same name without a word, and builds everything that there is
/// before anything is looked at. This one refuses both, and what is nested deeper than any header is.
///
/// Source: RFC 8259.
package struct JSONScanner {
  private let bytes: [UInt8]
  private var place = 0
  private let file: String
  /// What errors call the text, such as "the header".
  private let what: String

  private static let deepest = 32

  package init(_ bytes: [UInt8], file: String, what: String) {
    self.bytes = bytes
    self.file = file
    self.what = what
  }

  /// Reads an object; `member` gets each name, and has to read the value.
  package mutating func object(
    _ member: (inout JSONScanner, String) throws(FileError) -> Void
  ) throws(FileError) {
    try expect("{")
    if skips("}") { return }
    var names: Set<String> = []
    repeat {
      space()
      let name = try string()
      guard names.insert(name).inserted else { throw fail("has two members \(name.quoted)") }
      try expect(":")
      try member(&self, name)
    } while skips(",")
    try expect("}")
  }

  /// Reads an array; `element` has to read each element.
  package mutating func array(
    _ element: (inout JSONScanner) throws(FileError) -> Void
  ) throws(FileError) {
    try expect("[")
    if skips("]") { return }
    repeat { try element(&self) } while skips(",")
    try expect("]")
  }

  /// Reads a whole number that is not negative.
  package mutating func integer() throws(FileError) -> Int {
    space()
    let start = place
    _ = skipDigits()
    let digits = bytes[start..<place]
    guard !digits.isEmpty, digits.first != 0x30 || digits.count == 1 else {
      throw fail("has no whole number of 0 or more where one has to be")
    }
    guard let number = Int(String(decoding: digits, as: UTF8.self)) else {
      throw fail("has a number that cannot be counted to")
    }
    return number
  }

  /// Reads any value, which is not wanted.
  package mutating func skip(depth: Int = 0) throws(FileError) {
    guard depth < JSONScanner.deepest else { throw fail("is nested deeper than \(depth) levels") }
    space()
    switch next {
    case UInt8(ascii: "{"):
      try object { scanner, _ throws(FileError) in try scanner.skip(depth: depth + 1) }
    case UInt8(ascii: "["):
      try array { scanner throws(FileError) in try scanner.skip(depth: depth + 1) }
    case UInt8(ascii: "\""): _ = try string()
    default:
      for word in ["true", "false", "null"] where bytes[place...].starts(with: word.utf8) {
        place += word.utf8.count
        return
      }
      guard skipsNumber() else { throw fail("is no JSON") }
    }
  }

  /// Reads a number: a minus or none, an integer without zeros before it, a fraction and an exponent or none (§6).
  private mutating func skipsNumber() -> Bool {
    _ = skips(byte: "-")
    let startsWithZero = next == UInt8(ascii: "0")
    let count = skipDigits()
    guard count == 1 || count > 1 && !startsWithZero else { return false }
    if skips(byte: "."), skipDigits() == 0 { return false }
    guard skips(byte: "e") || skips(byte: "E") else { return true }
    _ = skips(byte: "+") || skips(byte: "-")
    return skipDigits() > 0
  }

  /// Leaves digits behind, and says how many.
  private mutating func skipDigits() -> Int {
    let start = place
    while let byte = next, (0x30...0x39).contains(byte) { place += 1 }
    return place - start
  }

  private mutating func skips(byte character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  /// Says that nothing may follow but white space.
  package mutating func end() throws(FileError) {
    space()
    guard place == bytes.count else { throw fail("goes on after its end") }
  }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func space() {
    while let byte = next, byte == 0x20 || (9...10).contains(byte) || byte == 13 { place += 1 }
  }

  private mutating func skips(_ character: Unicode.Scalar) -> Bool {
    space()
    return skips(byte: character)
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(FileError) {
    guard skips(character) else { throw fail("has no \(character) where one has to be") }
  }

  private func fail(_ reason: String) -> FileError {
    FileError(file: file, problem: .invalid("\(what) \(reason), at byte \(place)"))
  }
}

extension JSONScanner {
  /// Reads a text.
  package mutating func string() throws(FileError) -> String {
    space()
    guard next == UInt8(ascii: "\"") else { throw fail("has no text where one has to be") }
    place += 1
    var text: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      place += 1
      if byte == UInt8(ascii: "\\") {
        text += String(try escaped()).utf8
      } else if byte < 0x20 {
        throw fail("has a control character in a text")
      } else {
        text.append(byte)
      }
    }
    guard next != nil else { throw fail("ends within a text") }
    place += 1
    guard let string = String(validating: text, as: UTF8.self) else {
      throw fail("has a text that is no UTF-8")
    }
    return string
  }

  /// The character after a backslash.
  private mutating func escaped() throws(FileError) -> Unicode.Scalar {
    guard let byte = next else { throw fail("ends within a text") }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let first = try unit()
      if let scalar = Unicode.Scalar(first) { return scalar }
      guard (0xD800..<0xDC00).contains(first), bytes[place...].starts(with: [0x5C, 0x75]) else {
        throw fail("has half of a character in a text")
      }
      place += 2
      let second = try unit()
      guard (0xDC00..<0xE000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      else { throw fail("has half of a character in a text") }
      return scalar
    default: throw fail("has an unknown escape in a text")
    }
  }

  /// Four hexadecimal digits.
  private mutating func unit() throws(FileError) -> UInt32 {
    let digits = bytes[place...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw fail("has an unknown escape in a text") }
    place += 4
    return value
  }
}

extension String {
  /// The text as it stands in JSON.
  package var json: String {
    var text = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{8}": text += "\\b"
      case "\u{C}": text += "\\f"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
