/// A Huffman code as deflate has it: of the lengths of the codes follow the codes.
///
/// Source: RFC 1951, "DEFLATE compressed data format specification", §3.2.2.
struct HuffmanCode {
  /// For each of the next bits of the stream, the first one lowest: symbol · 16 + length of its code; 0 where no
  /// code begins so.
  private let table: [UInt16]
  /// The length of the longest code.
  let longest: Int

  /// Makes the code of the length of each symbol's code, 0 for a symbol without one.
  ///
  /// Nil where the codes do not fit: some are prefixes of others, or bits are left that none begins with. Only a
  /// code of one symbol, or of none, may leave some.
  init?(lengths: some Collection<UInt8>) {
    var counts = [Int](repeating: 0, count: 16)
    for length in lengths { counts[Int(length)] += 1 }
    counts[0] = 0
    var (room, code, next) = (1, 0, [Int](repeating: 0, count: 16))
    for length in 1...15 {
      room = 2 * room - counts[length]
      guard room >= 0 else { return nil }
      code = (code + counts[length - 1]) << 1
      next[length] = code
    }
    guard room == 0 || counts.reduce(0, +) <= 1 else { return nil }
    longest = max(counts.lastIndex { $0 > 0 } ?? 1, 1)
    var table = [UInt16](repeating: 0, count: 1 << longest)
    for (symbol, length) in lengths.enumerated() where length > 0 {
      // The code comes with its highest bit first, and the stream's bits are counted from the lowest.
      let bits = UInt16(next[Int(length)]) << (16 - UInt16(length))
      next[Int(length)] += 1
      let entry = UInt16(symbol) << 4 | UInt16(length)
      for place in stride(from: Int(bits.bitReversed), to: table.count, by: 1 << Int(length)) {
        table[place] = entry
      }
    }
    self.table = table
  }

  /// The symbol that bits begin with, and the length of its code, which is 0 where there is none.
  func symbol(_ bits: UInt64) -> (symbol: Int, length: Int) {
    let entry = table[Int(truncatingIfNeeded: bits) & (table.count - 1)]
    return (Int(entry >> 4), Int(entry & 15))
  }
}

extension UInt16 {
  /// The bits in the other order.
  fileprivate var bitReversed: UInt16 {
    var (bits, reversed) = (self, UInt16(0))
    for _ in 0..<16 {
      reversed = reversed << 1 | bits & 1
      bits >>= 1
    }
    return reversed
  }
}
