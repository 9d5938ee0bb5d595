import Adjoint
import Foundation

/// Files of NumPy's arrays, `.npy`.
///
/// Floats and doubles are read as they are, half-precision numbers as float32, integers of all sizes as int32:
/// those of 32 bits without sign and of 64 bits if each number fits. Arrays whose first axis varies fastest, and
/// those with the high byte first, are turned. Complex numbers, texts, dates, records and Python's objects are
/// refused by their name.
///
/// Source: NumPy's `numpy.lib.format`, versions 1.0 to 3.0.
public enum NPY {
  /// Reads a file.
  public static func read(_ file: URL) throws(FileError) -> Tensor {
    try decode(ByteSource(file), called: "it")
  }

  /// Reads the bytes of a file; `name` is what errors call it.
  public static func decode(_ bytes: [UInt8], name: String) throws(FileError) -> Tensor {
    try decode(ByteSource(bytes, name: name), called: "it")
  }

  static func decode(_ source: ByteSource, called: String) throws(FileError) -> Tensor {
    let header = try Header(source, called: called)
    let tensor = try header.rows.all()
    // Where the first axis varies fastest, the file has the array with its axes the other way round.
    return header.isFortran ? tensor.transposed(Array((0..<tensor.rank).reversed())) : tensor
  }

  /// Opens a file whose rows, the parts of its first axis, are read when they are asked for.
  public static func rows(_ file: URL) throws(FileError) -> FileRows {
    let source = try ByteSource(file)
    let header = try Header(source, called: "it")
    try header.rows.requireRows()
    guard !header.isFortran || header.rows.shape.count == 1 else {
      throw source.error(
        .unsupported(
          "has its rows scattered, in Fortran's order",
          remedy: "save numpy.ascontiguousarray of the array"))
    }
    return header.rows
  }

  /// Writes a tensor, row-major and with the low byte first, byte for byte as NumPy does.
  ///
  /// Whatever fails, an old file of the name is as before.
  public static func write(_ tensor: Tensor, to file: URL) throws(FileError) {
    try AtomicFile.write(to: file) { writer throws(FileError) in
      try writer.write(header(of: tensor.type))
      try writer.write(tensor)
    }
  }

  /// The header of a file in version 1.0.
  static func header(of type: TensorType) -> [UInt8] {
    let kind =
      switch type.dtype {
      case .float32: "<f4"
      case .float64: "<f8"
      case .int32: "<i4"
      case .bool: "|b1"
      }
    let extents = type.shape.map(String.init).joined(separator: ", ")
    let shape = "(\(extents)\(type.rank == 1 ? "," : ""))"
    var text = "{'descr': '\(kind)', 'fortran_order': False, 'shape': \(shape), }"
    // NumPy leaves room for a first extent of 21 digits, and ends where 64 divides.
    if let first = type.shape.first {
      text += String(repeating: " ", count: 21 - "\(first)".count)
    }
    text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
    return magic + [1, 0] + UInt16(text.utf8.count).lowByteFirst + Array(text.utf8)
  }

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
}
