import Adjoint

extension NPY {
  /// What a file says of itself.
  struct Header {
    /// The elements, with the axes in the order in which they vary, the last one fastest.
    let rows: FileRows
    /// Whether the axes have to be turned round.
    let isFortran: Bool

    /// NumPy itself writes some hundred bytes.
    private static let longest = 1 << 20

    init(_ source: ByteSource, called: String) throws(FileError) {
      let first = try source.bytes(0..<min(12, source.count))
      guard first.starts(with: magic) else {
        throw source.error(
          magic.starts(with: first)
            ? .truncated(expected: 10, actual: first.count)
            : .foreign(format: "npy", start: Array(first.prefix(6))))
      }
      guard first.count >= 10 else {
        throw source.error(.truncated(expected: 10, actual: first.count))
      }
      guard (1...3).contains(first[6]), first[7] == 0 else {
        throw source.error(
          .unsupported(
            "is of version \(first[6]).\(first[7])", remedy: "save it in one of 1.0 to 3.0"))
      }
      let start = first[6] == 1 ? 10 : 12
      let length = Int(UInt32(littleEndian: first[8..<min(start, first.count)]))
      guard source.count >= start + length else {
        throw source.error(.truncated(expected: start + length, actual: source.count))
      }
      guard length <= Header.longest else {
        throw source.error(.invalid("its header has \(length) bytes, and none needs so many"))
      }
      var scanner = LiteralScanner(try source.bytes(start..<(start + length)), file: source.name)
      let (kind, isFortran, shape) = try scanner.header()
      let (stored, highByteFirst) = try Header.type(kind, source, called)
      guard TensorType.isCountable(shape) else { throw source.error(.tooLarge(shape)) }
      let (end, overflow) = (start + length).addingReportingOverflow(
        shape.reduce(stored.byteCount, *))
      guard !overflow else { throw source.error(.tooLarge(shape)) }
      guard source.count >= end else {
        throw source.error(.truncated(expected: end, actual: source.count))
      }
      guard source.count == end else {
        throw source.error(.trailingBytes(expected: end, actual: source.count))
      }
      self.isFortran = isFortran
      rows = FileRows(
        source, stored, isFortran ? shape.reversed() : shape, start: start + length,
        highByteFirst: highByteFirst, called: called)
    }

    /// What NumPy's name of a type says.
    private static func type(
      _ kind: String, _ source: ByteSource, _ called: String
    ) throws(FileError) -> (StoredType, highByteFirst: Bool) {
      let types: [String: StoredType] = [
        "b1": .bool, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64, "u1": .uint8,
        "u2": .uint16, "u4": .uint32, "u8": .uint64, "f2": .float16, "f4": .float32,
        "f8": .float64,
      ]
      guard let order = kind.first, "<>|=".contains(order),
        let stored = types[String(kind.dropFirst())]
      else {
        throw source.error(
          .unsupported(
            "\(called) is of the type \(kind.quoted), \(word(kind)), which tensors here do not have",
            remedy: "convert it with astype('float32') where it was made"))
      }
      return (stored, order == ">")
    }

    /// What a type is that is refused.
    private static func word(_ kind: String) -> String {
      switch kind.drop(while: { "<>|=".contains($0) }).first {
      case "c": "complex numbers"
      case "U", "S", "a": "texts"
      case "O": "Python's objects"
      case "M", "m": "times"
      case "f": "floating-point numbers of another size"
      case "[", "V": "records"
      default: "unknown"
      }
    }
  }
}
