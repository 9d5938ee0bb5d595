/// The bits of a range of a file, from the lowest of the first byte on.
struct BitReader {
  private let source: ByteSource
  private var range: Range<Int>
  private var part: [UInt8] = []
  private var next = 0
  /// Bits that have been read and not been taken, and how many there are.
  private var held: UInt64 = 0
  private var heldCount = 0

  private static let partSize = 1 << 16

  init(_ source: ByteSource, _ range: Range<Int>) {
    self.source = source
    self.range = range
  }

  /// Where in the file the next byte is of which no bit has been taken.
  var position: Int { range.lowerBound - (part.count - next) - heldCount / 8 }

  /// Takes the next bits, at most 16, the first one lowest.
  mutating func take(_ count: Int) throws(FileError) -> UInt64 {
    try fill(count)
    defer { drop(count) }
    return held & (1 << count - 1)
  }

  /// Takes the next symbol of a code.
  mutating func symbol(_ code: HuffmanCode) throws(FileError) -> Int {
    try fill(1)
    let (symbol, length) = code.symbol(held)
    guard length > 0 else { throw fail("has bits that are no code") }
    // The bits behind the end of the file are 0, and none of them may be taken.
    guard length <= heldCount else { throw ends() }
    drop(length)
    return symbol
  }

  /// Leaves the bits that are left of a byte.
  mutating func alignToByte() { drop(heldCount % 8) }

  private mutating func drop(_ count: Int) {
    held >>= UInt64(count)
    heldCount -= count
  }

  /// Holds as many bits as fit; at least so many.
  @inline(__always)
  private mutating func fill(_ least: Int) throws(FileError) {
    if heldCount >= 16 { return }
    while heldCount <= 56 {
      if next == part.count {
        guard !range.isEmpty else { break }
        let end = min(range.lowerBound + BitReader.partSize, range.upperBound)
        part = try source.bytes(range.lowerBound..<end)
        range = end..<range.upperBound
        next = 0
      }
      held |= UInt64(part[next]) << UInt64(heldCount)
      next += 1
      heldCount += 8
    }
    guard heldCount >= least else { throw ends() }
  }

  private func ends() -> FileError { fail("ends early") }

  /// An error of the packed bytes.
  func fail(_ reason: String) -> FileError {
    source.error(.invalid("what is packed in it \(reason); get it again"))
  }
}
