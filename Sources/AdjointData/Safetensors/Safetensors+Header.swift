import Adjoint

extension Safetensors {
  /// The types that the format knows, with its names.
  enum ElementType: String {
    case bool = "BOOL"
    case uint8 = "U8"
    case int8 = "I8"
    case int16 = "I16"
    case uint16 = "U16"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int32 = "I32"
    case uint32 = "U32"
    case float32 = "F32"
    case float64 = "F64"
    case int64 = "I64"
    case uint64 = "U64"
    case float8E5M2 = "F8_E5M2"
    case float8E4M3 = "F8_E4M3"
    case scale8 = "F8_E8M0"
    case complex64 = "C64"

    /// How an element stands in the file; nil for types that are not read.
    var stored: StoredType? {
      switch self {
      case .bool: .bool
      case .uint8: .uint8
      case .int8: .int8
      case .int16: .int16
      case .uint16: .uint16
      case .float16: .float16
      case .bfloat16: .bfloat16
      case .int32: .int32
      case .uint32: .uint32
      case .float32: .float32
      case .float64: .float64
      case .int64: .int64
      case .uint64: .uint64
      case .float8E5M2, .float8E4M3, .scale8, .complex64: nil
      }
    }

    var byteCount: Int { stored?.byteCount ?? (self == .complex64 ? 8 : 1) }
  }

  /// What a file says of itself, checked.
  struct Header {
    private(set) var metadata: [String: String] = [:]
    private(set) var entries: [Entry] = []

    /// The format allows no longer ones.
    static let longest = 100_000_000

    init(_ source: ByteSource) throws(FileError) {
      let length = try Header.length(source)
      let start = 8 + length
      var scanner = JSONScanner(
        try source.bytes(8..<start), file: source.name, what: "its header")
      var (entries, metadata): ([Entry], [String: String]) = ([], [:])
      try scanner.object { scanner, name throws(FileError) in
        if name == "__metadata__" {
          try scanner.object { scanner, key throws(FileError) in
            metadata[key] = try scanner.string()
          }
        } else {
          entries.append(try Header.entry(name, &scanner, source, from: start))
        }
      }
      try scanner.end()
      self.metadata = metadata
      self.entries = try Header.contiguous(entries, source, from: start)
    }

    /// The length of the header, held against the size of the file.
    private static func length(_ source: ByteSource) throws(FileError) -> Int {
      let first = try source.bytes(0..<min(9, source.count))
      guard first.count >= 8 else {
        throw source.error(.truncated(expected: 8, actual: first.count))
      }
      let length = first[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard first.count == 8 || first[8] == UInt8(ascii: "{") else {
        throw source.error(.foreign(format: "safetensors", start: first))
      }
      guard length <= longest else {
        throw source.error(
          .invalid("it claims a header of \(length) bytes, and the format allows \(longest)"))
      }
      guard 8 + Int(length) <= source.count else {
        throw source.error(.truncated(expected: 8 + Int(length), actual: source.count))
      }
      return Int(length)
    }

    /// What the header says of a tensor.
    private static func entry(
      _ name: String, _ scanner: inout JSONScanner, _ source: ByteSource, from start: Int
    ) throws(FileError) -> Entry {
      guard !name.utf8.contains(0) else {
        throw source.error(.invalid("the name \(name.quoted) has a zero byte"))
      }
      var (type, shape, offsets): (String?, [Int]?, [Int]?)
      try scanner.object { scanner, key throws(FileError) in
        func integers() throws(FileError) -> [Int] {
          var all: [Int] = []
          try scanner.array { scanner throws(FileError) in all.append(try scanner.integer()) }
          return all
        }
        switch key {
        case "dtype": type = try scanner.string()
        case "shape": shape = try integers()
        case "data_offsets": offsets = try integers()
        default: try scanner.skip()
        }
      }
      guard let type, let shape, let offsets, offsets.count == 2 else {
        throw source.error(
          .invalid("\(name.quoted) lacks its dtype, its shape or its two data_offsets"))
      }
      guard TensorType.isCountable(shape) else { throw source.error(.tooLarge(shape)) }
      guard offsets[0] <= offsets[1], offsets[1] <= source.count - start else {
        throw source.error(
          .invalid("the data_offsets \(offsets) of \(name.quoted) are not within the file"))
      }
      let bytes = ElementType(rawValue: type).map { shape.reduce($0.byteCount, *) }
      guard bytes == nil || bytes == offsets[1] - offsets[0] else {
        throw source.error(
          .invalid(
            "\(name.quoted), \(type)\(shape), has \(offsets[1] - offsets[0]) bytes, and needs \(bytes ?? 0)"
          ))
      }
      return Entry(
        name: name, storedType: type, shape: shape,
        range: (start + offsets[0])..<(start + offsets[1]), source: source)
    }

    /// The tensors in the order of their bytes, of which none may be left out, or be those of two.
    private static func contiguous(
      _ entries: [Entry], _ source: ByteSource, from start: Int
    ) throws(FileError) -> [Entry] {
      let ordered = entries.sorted {
        ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
      }
      var end = start
      for entry in ordered {
        guard entry.range.lowerBound == end else {
          let fault = entry.range.lowerBound < end ? "overlaps" : "leaves a gap behind"
          throw source.error(
            .invalid("\(entry.name.quoted) \(fault) the tensor before, at byte \(end)"))
        }
        end = entry.range.upperBound
      }
      guard end == source.count else {
        throw source.error(.trailingBytes(expected: end, actual: source.count))
      }
      return ordered
    }
  }
}
