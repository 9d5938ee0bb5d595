import Adjoint
import Foundation

/// Files of the IDX format, in which MNIST and its relatives come.
///
/// Two zero bytes, a byte for the type of the elements, a byte for the number of axes, the extents
/// as 32-bit numbers and the elements, all with the high byte first. Everything is checked before
/// anything is believed: the header, the sizes, and that the file ends where they say.
///
/// Source: LeCun, Cortes & Burges, "The MNIST database of handwritten digits" (1998).
public enum IDX {
  /// Reads a file, or what gzip has packed in it.
  ///
  /// Bytes and integers become int32, floats float32, doubles float64.
  public static func read(_ file: URL) throws(FileError) -> Tensor {
    try decode(ByteSource(file))
  }

  /// Reads the bytes of a file; `name` is what errors call it.
  public static func decode(_ bytes: [UInt8], name: String) throws(FileError) -> Tensor {
    try decode(ByteSource(bytes, name: name))
  }

  private static func decode(_ source: ByteSource) throws(FileError) -> Tensor {
    guard try Gzip.isPacked(source) else { return try Header(source).rows.all() }
    // The header first: no more is unpacked than it asks for.
    let start = try Gzip.prefix(Header.most, of: source)
    let header = try Header(ByteSource(start, name: source.name), fileSize: nil)
    let bytes = try Gzip.unpacked(source, count: header.end)
    return try Header(ByteSource(bytes, name: source.name)).rows.all()
  }

  /// Opens a file whose rows, the parts of its first axis, are read when they are asked for.
  ///
  /// Not one that is packed.
  public static func rows(_ file: URL) throws(FileError) -> FileRows {
    let rows = try Header(ByteSource(file)).rows
    try rows.requireRows()
    return rows
  }

  /// What a file says of itself.
  private struct Header {
    /// The most bytes that there can be: 255 axes.
    static let most = 4 + 4 * 255

    /// The elements.
    let rows: FileRows
    /// Where the file has to end.
    let end: Int

    /// Reads a header, and holds it against the size of the file.
    init(_ source: ByteSource) throws(FileError) { try self.init(source, fileSize: source.count) }

    /// - Parameter fileSize: the size of the file; nil if it is not known yet.
    init(_ source: ByteSource, fileSize: Int?) throws(FileError) {
      let bytes = try source.bytes(0..<min(Header.most, source.count))
      guard bytes.count >= 4 else {
        throw source.error(.truncated(expected: 4, actual: bytes.count))
      }
      guard bytes[0] == 0, bytes[1] == 0 else {
        throw source.error(.foreign(format: "IDX", start: Array(bytes[..<4])))
      }
      guard let stored = IDX.types[bytes[2]] else {
        throw source.error(
          .unsupported(
            "has elements of the unknown type \(bytes[2])",
            remedy: "IDX knows 8, 9, 11, 12, 13 and 14"))
      }
      let start = 4 + 4 * Int(bytes[3])
      guard bytes.count >= start else {
        throw source.error(.truncated(expected: start, actual: bytes.count))
      }
      let shape = (0..<Int(bytes[3])).map { axis in
        Int(UInt32(bigEndian: bytes[(4 + 4 * axis)..<(8 + 4 * axis)]))
      }
      guard TensorType.isCountable(shape) else { throw source.error(.tooLarge(shape)) }
      let (end, overflow) = start.addingReportingOverflow(shape.reduce(stored.byteCount, *))
      guard !overflow else { throw source.error(.tooLarge(shape)) }
      if let fileSize {
        guard fileSize >= end else {
          throw source.error(.truncated(expected: end, actual: fileSize))
        }
        guard fileSize == end else {
          throw source.error(.trailingBytes(expected: end, actual: fileSize))
        }
      }
      self.end = end
      rows = FileRows(source, stored, shape, start: start, highByteFirst: true, called: "it")
    }
  }

  /// The types of elements, by their byte in the header.
  private static let types: [UInt8: StoredType] = [
    0x08: .uint8, 0x09: .int8, 0x0B: .int16, 0x0C: .int32, 0x0D: .float32, 0x0E: .float64,
  ]
}

/// The errors of IDX files are those of all files.
@available(*, deprecated, renamed: "FileError")
public typealias IDXError = FileError
