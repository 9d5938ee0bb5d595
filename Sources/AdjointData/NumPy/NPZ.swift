import Adjoint
import Foundation

/// Archives of NumPy's arrays, `.npz`: a zip file with an npy file for each array.
///
/// What `numpy.savez` writes, and what `numpy.savez_compressed` does. Types are those of ``NPY``.
public enum NPZ {
  /// Reads the arrays by name.
  public static func read(_ file: URL) throws(FileError) -> [String: Tensor] {
    try decode(ByteSource(file))
  }

  /// Reads the bytes of a file; `name` is what errors call it.
  public static func decode(_ bytes: [UInt8], name: String) throws(FileError) -> [String: Tensor] {
    try decode(ByteSource(bytes, name: name))
  }

  private static func decode(_ source: ByteSource) throws(FileError) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for member in try ZipArchive(source).members {
      let name = member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : member.name
      guard tensors[name] == nil else {
        throw source.error(.invalid("it has two arrays \(name.quoted)"))
      }
      let bytes = ByteSource(try member.bytes(), name: source.name)
      tensors[name] = try NPY.decode(bytes, called: name.quoted)
    }
    return tensors
  }

  /// Writes arrays by name, in the order of their names, not compressed.
  ///
  /// Whatever fails, an old file of the name is as before.
  public static func write(_ tensors: [String: Tensor], to file: URL) throws(FileError) {
    let members = tensors.sorted { $0.key < $1.key }.map { name, tensor in
      ZipWriter.Member(name: name + ".npy", head: NPY.header(of: tensor.type), tensor: tensor)
    }
    try AtomicFile.write(to: file) { writer throws(FileError) in
      try ZipWriter.write(members, to: &writer, file.lastPathComponent)
    }
  }
}
