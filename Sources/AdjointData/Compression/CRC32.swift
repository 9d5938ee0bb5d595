/// The checksum of zip, gzip and PNG: CRC-32.
///
/// Source: ISO 3309, with the polynomial of RFC 1952, §8.
package struct CRC32 {
  private var rest: UInt32 = 0xFFFF_FFFF

  /// The checksum of the bytes added.
  var value: UInt32 { ~rest }

  /// Adds bytes.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    for place in bytes.indices {
      let byte = unsafe bytes[place] ^ UInt8(truncatingIfNeeded: rest)
      rest = rest >> 8 ^ CRC32.table[Int(byte)]
    }
  }

  /// The checksum of bytes.
  package static func of(_ bytes: [UInt8]) -> UInt32 {
    var checksum = CRC32()
    unsafe bytes.withUnsafeBytes { unsafe checksum.add($0) }
    return checksum.value
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { rest, _ in rest >> 1 ^ (rest & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
}
