/// Files that gzip has packed.
///
/// Source: RFC 1952, "GZIP file format specification" (1996).
enum Gzip {
  /// Whether a file is one.
  static func isPacked(_ source: ByteSource) throws(FileError) -> Bool {
    try source.bytes(0..<min(2, source.count)) == [0x1F, 0x8B]
  }

  /// The first bytes that are packed in a file: as many as asked for, or all.
  static func prefix(_ count: Int, of source: ByteSource) throws(FileError) -> [UInt8] {
    var inflater = Inflater(source, try start(source)..<source.count, limit: count)
    _ = try inflater.run()
    return inflater.output
  }

  /// The bytes that are packed in a file, which have to be so many.
  static func unpacked(_ source: ByteSource, count: Int) throws(FileError) -> [UInt8] {
    var inflater = Inflater(source, try start(source)..<source.count, limit: count)
    guard case .stream(let end) = try inflater.run() else {
      throw source.error(.trailingBytes(expected: count, actual: count + 1))
    }
    let bytes = inflater.output
    guard bytes.count == count else {
      throw source.error(.truncated(expected: count, actual: bytes.count))
    }
    guard source.count == end + 8 else {
      throw source.error(
        source.count < end + 8
          ? .truncated(expected: end + 8, actual: source.count)
          : .trailingBytes(expected: end + 8, actual: source.count))
    }
    let trailer = try source.bytes(end..<(end + 8))
    guard
      trailer == CRC32.of(bytes).lowByteFirst + UInt32(truncatingIfNeeded: count).lowByteFirst
    else { throw source.error(.invalid("its checksum is not that of its bytes; get it again")) }
    return bytes
  }

  /// Where the packed bytes start, after the header.
  private static func start(_ source: ByteSource) throws(FileError) -> Int {
    let header = try source.bytes(0..<min(1 << 16, source.count))
    guard header.count >= 18 else {
      throw source.error(.truncated(expected: 18, actual: header.count))
    }
    guard header[2] == 8, header[3] & 0xE0 == 0 else {
      throw source.error(
        .unsupported("is packed by a method other than deflate", remedy: "pack it with gzip"))
    }
    var place: Int? = 10
    let flags = header[3]
    /// Behind a text that ends with a zero byte.
    func behindText(_ start: Int) -> Int? {
      header[min(start, header.count)...].firstIndex(of: 0).map { $0 + 1 }
    }
    if flags & 4 != 0 { place = 12 + Int(header[10]) + Int(header[11]) << 8 }
    if flags & 8 != 0 { place = place.flatMap(behindText) }
    if flags & 16 != 0 { place = place.flatMap(behindText) }
    if flags & 2 != 0 { place = place.map { $0 + 2 } }
    guard let place, place <= source.count - 8 else {
      throw source.error(.invalid("its header of gzip does not end"))
    }
    return place
  }
}

extension FixedWidthInteger {
  /// The integer whose bytes these are, the low one first.
  init(littleEndian bytes: some BidirectionalCollection<UInt8>) {
    self = bytes.reversed().reduce(0) { $0 << 8 | Self(truncatingIfNeeded: $1) }
  }

  /// The integer whose bytes these are, the high one first.
  init(bigEndian bytes: some Collection<UInt8>) {
    self = bytes.reduce(0) { $0 << 8 | Self(truncatingIfNeeded: $1) }
  }

  /// The bytes, the low one first.
  var lowByteFirst: [UInt8] {
    (0..<(Self.bitWidth / 8)).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) }
  }
}
