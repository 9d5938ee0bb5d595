import Adjoint
import Foundation

extension Safetensors {
  /// Writes named tensors to a file.
  ///
  /// Whatever fails, an old file of the name is as before. Tensors lie in the order in which the format's own
  /// library puts them: wider elements first, then by name; the same tensors make the same bytes.
  /// - Precondition: no tensor is called `__metadata__`, and no name has a zero byte.
  public static func write(
    _ tensors: [String: Tensor], metadata: [String: String] = [:], to file: URL
  ) throws(FileError) {
    // By bytes, and not as Swift compares texts.
    let ordered = tensors.map { (name: $0.key, tensor: $0.value) }.sorted {
      $0.tensor.dtype == $1.tensor.dtype
        ? $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        : $0.tensor.dtype.place > $1.tensor.dtype.place
    }
    let header = header(of: ordered, metadata)
    try AtomicFile.write(to: file) { writer throws(FileError) in
      let length = UInt64(header.count)
      try writer.write((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) })
      try writer.write(header)
      for (_, tensor) in ordered { try writer.write(tensor) }
    }
  }

  /// The header, filled up with spaces, so that the elements begin where 8 divides.
  private static func header(
    of tensors: [(name: String, tensor: Tensor)], _ metadata: [String: String]
  ) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }.map { "\($0.key.json):\($0.value.json)" }
      members.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
    }
    var end = 0
    for (name, tensor) in tensors {
      require(
        name != "__metadata__" && !name.utf8.contains(0),
        "Safetensors: a tensor cannot be called \(name.quoted) in a file; give it another name")
      let start = end
      end += tensor.count * tensor.dtype.byteCount
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(name.json):{\"dtype\":\"\(tensor.dtype.elementType.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(start),\(end)]}")
    }
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    header += Array(repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    require(
      header.count <= Header.longest,
      "Safetensors: the names and metadata take \(header.count) bytes, and a file allows "
        + "\(Header.longest); use shorter ones, or several files")
    return header
  }
}

extension DType {
  /// The type by the format's name.
  fileprivate var elementType: Safetensors.ElementType {
    switch self {
    case .float32: .float32
    case .float64: .float64
    case .int32: .int32
    case .bool: .bool
    }
  }

  /// The place in the format's own order, in which wider elements come later.
  fileprivate var place: Int {
    switch self {
    case .bool: 0
    case .int32: 1
    case .float32: 2
    case .float64: 3
    }
  }
}
