/// The members of a zip file, stored or deflated.
///
/// The directory at its end is what counts. All that it says is checked: that members lie before it and apart from
/// each other, how long each is, and its checksum; so that a file cannot unpack to more than it says.
///
/// Source: PKWARE, ".ZIP file format specification", version 6.3, §4.3 and, for large files, §4.5.3.
struct ZipArchive {
  private(set) var members: [Member] = []

  /// A member, whose bytes are read when they are asked for.
  struct Member {
    let name: String
    let source: ByteSource
    let isDeflated: Bool
    let checksum: UInt32
    let packedSize, size: Int
    /// Where its own header starts, and from the directory's start or the next member's on nothing is its own.
    let start: Int
    var end: Int
  }

  init(_ source: ByteSource) throws(FileError) {
    let (count, size, start) = try ZipArchive.directory(source)
    let bytes = try source.bytes(start..<(start + size))
    var place = 0
    for _ in 0..<count {
      let member = try Member(source, bytes, &place, before: start)
      members.append(member)
    }
    guard place == bytes.count else {
      throw source.error(.invalid("its directory goes on after \(count) members"))
    }
    // In the order of the file each ends before the next starts.
    let order = members.indices.sorted { members[$0].start < members[$1].start }
    for (number, next) in zip(order, order.dropFirst()) {
      members[number].end = members[next].start
    }
  }

  /// How many members there are, how many bytes the directory has, and where it starts.
  private static func directory(
    _ source: ByteSource
  ) throws(FileError) -> (count: Int, size: Int, start: Int) {
    let first = try source.bytes(0..<min(4, source.count))
    guard first == [0x50, 0x4B, 3, 4] || first == [0x50, 0x4B, 5, 6] else {
      throw source.error(.foreign(format: "zip", start: first))
    }
    // Behind the last record there may be a comment of up to 65535 bytes.
    let from = max(0, source.count - 22 - 65_535)
    let tail = try source.bytes(from..<source.count)
    guard
      let end = tail.indices.dropLast(21).last(where: { place in
        tail[place] == 0x50 && tail[place...].starts(with: [0x50, 0x4B, 5, 6])
          && tail.count - place - 22 == Int(UInt16(littleEndian: tail[(place + 20)..<(place + 22)]))
      })
    else { throw source.error(.invalid("it has no directory of its members; get it again, whole")) }
    let record = tail[end...].prefix(22)
    func field(_ offset: Int, _ size: Int) -> Int {
      Int(UInt32(littleEndian: record[(end + offset)..<(end + offset + size)]))
    }
    var (count, size, start) = (field(10, 2), field(12, 4), field(16, 4))
    var limit = from + end
    if count == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF {
      (count, size, start, limit) = try large(source, before: limit)
    }
    guard start <= limit, size == limit - start, count <= size / 46 else {
      throw source.error(.invalid("its directory is not where the file says"))
    }
    return (count, size, start)
  }

  /// The same of a file that is too large for 32 bits, or has many members.
  private static func large(
    _ source: ByteSource, before end: Int
  ) throws(FileError) -> (count: Int, size: Int, start: Int, limit: Int) {
    let wrong = source.error(.invalid("its directory is not where the file says"))
    guard end >= 20 else { throw wrong }
    let locator = try source.bytes((end - 20)..<end)
    let place = UInt64(littleEndian: locator[8..<16])
    guard locator.starts(with: [0x50, 0x4B, 6, 7]), place <= UInt64(end - 20),
      Int(place) + 56 <= end - 20
    else { throw wrong }
    let record = try source.bytes(Int(place)..<(Int(place) + 56))
    let fields = [32, 40, 48].map { UInt64(littleEndian: record[$0..<($0 + 8)]) }
    guard record.starts(with: [0x50, 0x4B, 6, 6]), fields.allSatisfy({ $0 <= UInt64(end) }) else {
      throw wrong
    }
    return (Int(fields[0]), Int(fields[1]), Int(fields[2]), Int(place))
  }
}

extension ZipArchive.Member {
  /// Reads an entry of the directory.
  init(
    _ source: ByteSource, _ bytes: [UInt8], _ place: inout Int, before directory: Int
  ) throws(FileError) {
    let start = place
    func field(_ offset: Int, _ size: Int) -> UInt64 {
      UInt64(littleEndian: bytes[(start + offset)..<(start + offset + size)])
    }
    func fail(_ reason: String) -> FileError { source.error(.invalid(reason)) }
    guard bytes.count - start >= 46, field(0, 4) == 0x0201_4B50 else {
      throw fail("its directory ends early")
    }
    let (nameSize, extraSize) = (Int(field(28, 2)), Int(field(30, 2)))
    let end = start + 46 + nameSize + extraSize + Int(field(32, 2))
    guard end <= bytes.count else { throw fail("its directory ends early") }
    let nameBytes = bytes[(start + 46)..<(start + 46 + nameSize)]
    guard let name = String(validating: nameBytes, as: UTF8.self) else {
      throw fail("it has a member whose name is no UTF-8")
    }
    guard field(8, 2) & 1 == 0 else {
      throw source.error(
        .unsupported("\(name.quoted) is encrypted", remedy: "decrypt it first"))
    }
    let method = field(10, 2)
    guard method == 0 || method == 8 else {
      throw source.error(
        .unsupported(
          "\(name.quoted) is packed by method \(method)",
          remedy: "use numpy.savez or numpy.savez_compressed"))
    }
    var values = [field(24, 4), field(20, 4), field(42, 4)]
    // What 32 bits do not hold stands in an extra field, one after the other.
    var extra = bytes[(start + 46 + nameSize)...].prefix(extraSize)
    while extra.count >= 4 {
      let (kind, size) = (
        UInt16(littleEndian: extra.prefix(2)),
        Int(UInt16(littleEndian: extra.dropFirst(2).prefix(2)))
      )
      var content = extra.dropFirst(4).prefix(size)
      if kind == 1 {
        for index in values.indices where values[index] == 0xFFFF_FFFF && content.count >= 8 {
          values[index] = UInt64(littleEndian: content.prefix(8))
          content = content.dropFirst(8)
        }
      }
      extra = extra.dropFirst(4 + size)
    }
    guard values[2] <= UInt64(directory), values[1] <= UInt64(directory), values[0] <= 1 << 62,
      method == 8 || values[0] == values[1]
    else { throw fail("\(name.quoted) is not where its directory says") }
    self.name = name
    self.source = source
    isDeflated = method == 8
    checksum = UInt32(field(16, 4))
    (size, packedSize, self.start) = (Int(values[0]), Int(values[1]), Int(values[2]))
    self.end = directory
    place = end
  }

  /// Reads the bytes, and unpacks them if need be.
  func bytes() throws(FileError) -> [UInt8] {
    func fail(_ reason: String) -> FileError {
      source.error(.invalid("\(name.quoted) \(reason); get it again"))
    }
    guard end - start >= 30 else { throw fail("overlaps another member") }
    let header = try source.bytes(start..<(start + 30))
    guard header.starts(with: [0x50, 0x4B, 3, 4]) else {
      throw fail("is not where its directory says")
    }
    let first =
      start + 30 + Int(UInt16(littleEndian: header[26..<28]))
      + Int(UInt16(littleEndian: header[28..<30]))
    guard first <= end, packedSize <= end - first else { throw fail("overlaps another member") }
    let bytes: [UInt8]
    if isDeflated {
      // Deflate makes at most 1032 bytes of one.
      guard size <= 1032 * packedSize else { throw fail("has fewer bytes than it says") }
      var inflater = Inflater(source, first..<(first + packedSize), limit: size)
      guard case .stream = try inflater.run() else { throw fail("has more bytes than it says") }
      bytes = inflater.output
    } else {
      bytes = try source.bytes(first..<(first + packedSize))
    }
    guard bytes.count == size else { throw fail("has fewer bytes than it says") }
    guard CRC32.of(bytes) == checksum else { throw fail("is not what its checksum says") }
    return bytes
  }
}
