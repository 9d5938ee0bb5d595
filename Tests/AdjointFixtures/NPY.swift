import Foundation

/// The format of NumPy's arrays, as much of it as the sets use: version 1, row-major, little-endian.
enum NPY {
  enum Problem: Error {
    case notNPY(String)
    case unsupported(String)
  }

  static func read(_ file: URL) throws -> FixtureArray {
    let bytes = [UInt8](try Data(contentsOf: file))
    guard bytes.count > 10, bytes[0] == 0x93, bytes[6] == 1 else {
      throw Problem.notNPY(file.lastPathComponent)
    }
    let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    let header = String(decoding: bytes[10..<start], as: UTF8.self)
    guard header.contains("'fortran_order': False"),
      let kind = header.firstMatch(of: /'descr': '[<|]([fiub])([1248])'/),
      let size = Int(kind.2),
      let open = header.firstIndex(of: "("), let close = header.firstIndex(of: ")")
    else { throw Problem.unsupported(header) }
    let shape = header[header.index(after: open)..<close].split(separator: ",")
      .compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    let words = stride(from: start, to: bytes.count, by: size).map { place in
      bytes[place..<place + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    guard words.count == shape.reduce(1, *) else { throw Problem.unsupported(header) }
    return FixtureArray(shape: shape, elements: try elements(words, kind.1, size, header))
  }

  private static func elements(
    _ words: [UInt64], _ kind: Substring, _ size: Int, _ header: String
  ) throws -> FixtureArray.Elements {
    switch (kind, size) {
    case ("f", 4): .float32(words.map { Float(bitPattern: UInt32($0)) })
    case ("f", 8): .float64(words.map { Double(bitPattern: $0) })
    case ("b", 1): .masks(words.map { $0 != 0 })
    case ("i", _):
      .integers(
        words.map { Int((Int64(bitPattern: $0) << (64 - 8 * size)) >> (64 - 8 * size)) })
    case ("u", _) where words.allSatisfy { $0 <= UInt64(Int.max) }: .integers(words.map { Int($0) })
    default: throw Problem.unsupported(header)
    }
  }
}
