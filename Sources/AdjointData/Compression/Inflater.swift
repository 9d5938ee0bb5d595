/// Unpacks what deflate has packed: compressed arrays of NumPy, and within gzip.
///
/// By hand, since Foundation has nothing that does on every platform. Never more is unpacked than is asked for, so
/// that a small file cannot fill the memory.
///
/// Source: RFC 1951, "DEFLATE compressed data format specification" (1996).
struct Inflater {
  /// What has been unpacked.
  private(set) var output: [UInt8] = []
  /// How much is unpacked at most.
  private let limit: Int
  private var bits: BitReader

  /// How an unpacking ends.
  enum End: Equatable {
    /// The stream ends here; where in the file it ends.
    case stream(at: Int)
    /// There is as much as was asked for, and the stream may go on.
    case limit
  }

  /// Gets ready to unpack a stream that lies in a range of a file.
  init(_ source: ByteSource, _ range: Range<Int>, limit: Int) {
    bits = BitReader(source, range)
    self.limit = limit
  }

  /// Unpacks the stream, up to the limit.
  mutating func run() throws(FileError) -> End {
    while true {
      let isLast = try bits.take(1) == 1
      switch try bits.take(2) {
      case 0: if try stored() { return .limit }
      case 1: if try block(Inflater.fixed.0, Inflater.fixed.1) { return .limit }
      case 2:
        let (literals, distances) = try codes()
        if try block(literals, distances) { return .limit }
      default: throw bits.fail("has a block of an unknown kind")
      }
      if isLast { return .stream(at: bits.position) }
    }
  }

  /// Bytes as they are. Whether the limit is reached.
  private mutating func stored() throws(FileError) -> Bool {
    bits.alignToByte()
    let (length, inverted) = (try bits.take(16), try bits.take(16))
    guard length ^ inverted == 0xFFFF else { throw bits.fail("has a block of two lengths") }
    for _ in 0..<length {
      guard output.count < limit else { return true }
      output.append(UInt8(truncatingIfNeeded: try bits.take(8)))
    }
    return false
  }

  /// Bytes and repetitions of earlier ones. Whether the limit is reached.
  private mutating func block(
    _ literals: HuffmanCode, _ distances: HuffmanCode
  ) throws(FileError) -> Bool {
    while true {
      let symbol = try bits.symbol(literals)
      if symbol < 256 {
        guard output.count < limit else { return true }
        output.append(UInt8(symbol))
        continue
      }
      if symbol == 256 { return false }
      guard symbol < 286 else { throw bits.fail("has an unknown length") }
      let (base, extra) = Inflater.lengths[symbol - 257]
      let length = base + Int(try bits.take(extra))
      let code = try bits.symbol(distances)
      guard code < 30 else { throw bits.fail("has an unknown distance") }
      let (start, more) = Inflater.distances[code]
      let distance = start + Int(try bits.take(more))
      guard distance <= output.count else { throw bits.fail("repeats what is before its start") }
      // A repetition may overlap what it makes.
      for _ in 0..<length {
        guard output.count < limit else { return true }
        output.append(output[output.count - distance])
      }
    }
  }

  /// The codes that a block brings along, themselves packed by a code: §3.2.7.
  private mutating func codes() throws(FileError) -> (HuffmanCode, HuffmanCode) {
    let literalCount = Int(try bits.take(5)) + 257
    let distanceCount = Int(try bits.take(5)) + 1
    let count = Int(try bits.take(4)) + 4
    guard literalCount <= 286, distanceCount <= 30 else { throw bits.fail("has too many codes") }
    var ofLengths = [UInt8](repeating: 0, count: 19)
    for place in Inflater.order.prefix(count) { ofLengths[place] = UInt8(try bits.take(3)) }
    guard let code = HuffmanCode(lengths: ofLengths) else { throw bits.fail("has a wrong code") }
    var lengths: [UInt8] = []
    while lengths.count < literalCount + distanceCount {
      switch try bits.symbol(code) {
      case let length where length < 16: lengths.append(UInt8(length))
      case 16:
        guard let last = lengths.last else { throw bits.fail("repeats a length before the first") }
        lengths += Array(repeating: last, count: 3 + Int(try bits.take(2)))
      case 17: lengths += Array(repeating: 0, count: 3 + Int(try bits.take(3)))
      default: lengths += Array(repeating: 0, count: 11 + Int(try bits.take(7)))
      }
    }
    guard lengths.count == literalCount + distanceCount, lengths[256] > 0,
      let literals = HuffmanCode(lengths: lengths[..<literalCount]),
      let distances = HuffmanCode(lengths: lengths[literalCount...])
    else { throw bits.fail("has a wrong code") }
    return (literals, distances)
  }

  /// The order in which lengths of the code for lengths come.
  private static let order = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]

  /// The least length of each code and how many bits are added to it: §3.2.5. 258 has a code of its own.
  private static let lengths: [(Int, Int)] = {
    var (all, next): ([(Int, Int)], Int) = ([], 3)
    for code in 0..<28 {
      let extra = code < 8 ? 0 : code / 4 - 1
      all.append((next, extra))
      next += 1 << extra
    }
    return all + [(258, 0)]
  }()

  /// The same for distances.
  private static let distances: [(Int, Int)] = {
    var (all, next): ([(Int, Int)], Int) = ([], 1)
    for code in 0..<30 {
      let extra = code < 4 ? 0 : code / 2 - 1
      all.append((next, extra))
      next += 1 << extra
    }
    return all
  }()

  /// The codes of blocks that bring none along: §3.2.6.
  private static let fixed: (HuffmanCode, HuffmanCode) = {
    let lengths = [(8, 144), (9, 112), (7, 24), (8, 8)].flatMap { length, count in
      Array(repeating: UInt8(length), count: count)
    }
    guard let literals = HuffmanCode(lengths: lengths),
      let distances = HuffmanCode(lengths: Array(repeating: UInt8(5), count: 32))
    else { fatalError("deflate: its fixed codes are no codes") }
    return (literals, distances)
  }()
}
