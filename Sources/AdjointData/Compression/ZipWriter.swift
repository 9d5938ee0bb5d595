import Adjoint

/// Writes zip files of tensors with something before each, not compressed.
enum ZipWriter {
  /// A member: the bytes of a head, and those of a tensor.
  struct Member {
    let name: String
    let head: [UInt8]
    let tensor: Tensor

    var size: Int { head.count + tensor.count * tensor.dtype.byteCount }

    var checksum: UInt32 {
      var checksum = CRC32()
      unsafe head.withUnsafeBytes { unsafe checksum.add($0) }
      unsafe tensor.withBytes { unsafe checksum.add($0) }
      return checksum.value
    }
  }

  /// Writes members, and their directory. Fails where 32 bits do not count the bytes.
  static func write(
    _ members: [Member], to writer: inout FileWriter, _ file: String
  ) throws(FileError) {
    let size = members.reduce(0) { $0 + $1.size + 2 * $1.name.utf8.count + 76 }
    guard size < 0xFFFF_FFFF, members.count < 0xFFFF,
      members.allSatisfy({ $0.name.utf8.count <= 0xFFFF })
    else {
      throw FileError(
        file: file,
        problem: .unsupported(
          "would be larger than npz files here can be, 4 GiB and 65534 arrays",
          remedy: "write safetensors"))
    }
    var directory: [UInt8] = []
    for member in members {
      let (name, start) = (Array(member.name.utf8), UInt32(writer.count))
      // Version 2.0, names in UTF-8, stored, 1 January 1980.
      let common: [UInt8] =
        [20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0] + member.checksum.lowByteFirst
        + UInt32(member.size).lowByteFirst + UInt32(member.size).lowByteFirst
        + UInt16(name.count).lowByteFirst + [0, 0]
      try writer.write([0x50, 0x4B, 3, 4] + common + name)
      try writer.write(member.head)
      try writer.write(member.tensor)
      directory += [0x50, 0x4B, 1, 2, 20, 0] + common + [UInt8](repeating: 0, count: 10)
      directory += start.lowByteFirst + name
    }
    let (start, count) = (UInt32(writer.count), UInt16(members.count).lowByteFirst)
    try writer.write(directory)
    try writer.write(
      [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count + UInt32(directory.count).lowByteFirst
        + start.lowByteFirst + [0, 0])
  }
}
