import Adjoint

#if _endian(big)
  #error("Elements go to and from files as they are in memory, the low byte first.")
#endif

extension StoredType {
  /// The element type of the tensor that is made of it.
  ///
  /// Half-precision numbers become float32, which has all of them; integers int32, and those of 32 bits without
  /// sign and of 64 bits only if each fits.
  package var dtype: DType {
    switch self {
    case .bool: .bool
    case .float64: .float64
    case .float16, .bfloat16, .float32: .float32
    case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64: .int32
    }
  }

  /// Whether an element has the same bytes in the tensor, the low one first.
  fileprivate var isAsInMemory: Bool {
    switch self {
    case .bool, .float64, .float32, .int32: true
    case .float16, .bfloat16, .int8, .uint8, .int16, .uint16, .uint32, .int64, .uint64: false
    }
  }
}

extension ByteSource {
  /// Reads a tensor whose elements start at a place, in row-major order: straight into its memory, where they
  /// stand in the file as they do there; and not even that where the file may be its memory.
  /// - Parameter called: what errors call the tensor.
  package func tensor(
    _ stored: StoredType, _ shape: [Int], at place: Int, highByteFirst: Bool = false,
    called: String
  ) throws(FileError) -> Tensor {
    let type = TensorType(stored.dtype, shape)
    if stored.isAsInMemory, !highByteFirst,
      let tensor = Tensor(type, in: leasedFile, at: place)
    {
      return tensor
    }
    return try unsafe Tensor(
      type,
      bytes: { room throws(FileError) in
        try unsafe read(stored, at: place, highByteFirst: highByteFirst, into: room, called: called)
      })
  }

  /// Reads the elements that are to be in a part of a tensor's memory.
  func read(
    _ stored: StoredType, at place: Int, highByteFirst: Bool,
    into room: UnsafeMutableRawBufferPointer, called: String
  ) throws(FileError) {
    func convert<Stored: FixedWidthInteger, Scalar: TensorScalar>(
      _ element: (Stored) -> Scalar?
    ) throws(FileError) {
      try unsafe read(at: place, highByteFirst, into: room, called, element)
    }
    switch stored {
    case .bool:
      try unsafe read(into: room, at: place)
      if let other = unsafe room.first(where: { $0 > 1 }) {
        throw error(.invalid("\(called) is of bool, and holds \(other); bools are 0 or 1"))
      }
    case _ where stored.isAsInMemory && !highByteFirst: try unsafe read(into: room, at: place)
    case .float32: try convert { Float(bitPattern: $0) }
    case .float64: try convert { Double(bitPattern: $0) }
    case .float16: try convert { float(half: $0) }
    case .bfloat16: try convert { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case .int8: try convert { (number: Int8) in Int32(number) }
    case .uint8: try convert { (number: UInt8) in Int32(number) }
    case .int16: try convert { (number: Int16) in Int32(number) }
    case .uint16: try convert { (number: UInt16) in Int32(number) }
    case .int32: try convert { (number: Int32) in number }
    case .uint32: try convert { (number: UInt32) in Int32(exactly: number) }
    case .int64: try convert { (number: Int64) in Int32(exactly: number) }
    case .uint64: try convert { (number: UInt64) in Int32(exactly: number) }
    }
  }

  /// Reads elements part by part, and converts them.
  @inline(__always)
  private func read<Stored: FixedWidthInteger, Scalar: TensorScalar>(
    at place: Int, _ highByteFirst: Bool, into room: UnsafeMutableRawBufferPointer,
    _ called: String, _ element: (Stored) -> Scalar?
  ) throws(FileError) {
    let elements = unsafe room.assumingMemoryBound(to: Scalar.self)
    let size = MemoryLayout<Stored>.size
    var part = [Stored](repeating: 0, count: min(elements.count, (1 << 16) / size))
    var done = 0
    while done < elements.count {
      let count = min(part.count, elements.count - done)
      try unsafe part.withUnsafeMutableBufferPointer { part throws(FileError) in
        try unsafe read(
          into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: part[..<count])),
          at: place + done * size)
      }
      for index in 0..<count {
        let number = highByteFirst ? part[index].byteSwapped : part[index]
        guard let scalar = element(number) else {
          throw error(
            .unsupported(
              "element \(done + index) of \(called) is \(number), which fits no int32",
              remedy: "save it as a floating-point type"))
        }
        unsafe elements[done + index] = scalar
      }
      done += count
    }
  }
}

extension FileWriter {
  /// Writes the elements of a tensor in row-major order, the low byte first.
  package mutating func write(_ tensor: Tensor) throws(FileError) {
    try unsafe tensor.withBytes { bytes throws(FileError) in try unsafe write(bytes) }
  }
}
