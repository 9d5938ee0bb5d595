/// Reads the header of a file of NumPy: a dictionary as Python writes it, with three members.
struct LiteralScanner {
  private let bytes: [UInt8]
  private var place = 0
  private let file: String

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// Reads the dictionary: the name of the type, whether the first axis varies fastest, and the extents.
  mutating func header() throws(FileError) -> (String, isFortran: Bool, [Int]) {
    var (kind, isFortran, shape): (String?, Bool?, [Int]?)
    try expect("{")
    while !skips("}") {
      let key = try text()
      try expect(":")
      switch key {
      case "descr" where kind == nil: kind = try type()
      case "fortran_order" where isFortran == nil: isFortran = try truth()
      case "shape" where shape == nil: shape = try extents()
      default: throw fail("has a member \(key.quoted) that it should not have")
      }
      if skips(",") { continue }
      try expect("}")
      break
    }
    space()
    guard place == bytes.count else { throw fail("goes on after its end") }
    guard let kind, let isFortran, let shape else {
      throw fail("lacks descr, fortran_order or shape")
    }
    return (kind, isFortran, shape)
  }

  /// The name of a type; that of a record, a list, as it stands there.
  private mutating func type() throws(FileError) -> String {
    space()
    guard next == UInt8(ascii: "[") || next == UInt8(ascii: "(") else { return try text() }
    let rest = String(decoding: bytes[place...].prefix(60), as: UTF8.self)
    throw FileError(
      file: file,
      problem: .unsupported(
        "is of the type \(rest.quoted), records, which tensors here do not have",
        remedy: "save each field as an array of its own"))
  }

  private mutating func text() throws(FileError) -> String {
    space()
    guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw fail("has no text where one has to be")
    }
    place += 1
    guard let end = bytes[place...].firstIndex(of: quote) else { throw fail("ends within a text") }
    let text = String(decoding: bytes[place..<end], as: UTF8.self)
    place = end + 1
    return text
  }

  private mutating func truth() throws(FileError) -> Bool {
    space()
    for (word, value) in [("True", true), ("False", false)]
    where bytes[place...].starts(with: word.utf8) {
      place += word.utf8.count
      return value
    }
    throw fail("has no True or False where one has to be")
  }

  private mutating func extents() throws(FileError) -> [Int] {
    var extents: [Int] = []
    try expect("(")
    while !skips(")") {
      space()
      let digits = bytes[place...].prefix { (0x30...0x39).contains($0) }
      guard !digits.isEmpty, let extent = Int(String(decoding: digits, as: UTF8.self)) else {
        throw fail("has an extent that is no number")
      }
      extents.append(extent)
      place += digits.count
      // As Python 2 wrote large ones.
      if next == UInt8(ascii: "L") { place += 1 }
      if skips(",") { continue }
      try expect(")")
      break
    }
    return extents
  }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func space() {
    while let byte = next, byte == 0x20 || byte == 0x0A { place += 1 }
  }

  private mutating func skips(_ character: Unicode.Scalar) -> Bool {
    space()
    guard next == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(FileError) {
    guard skips(character) else { throw fail("has no \(character) where one has to be") }
  }

  private func fail(_ reason: String) -> FileError {
    FileError(file: file, problem: .invalid("its header \(reason), at byte \(place)"))
  }
}
