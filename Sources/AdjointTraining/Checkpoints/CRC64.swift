import Adjoint

/// A cyclic redundancy check of 64 bits: every change within 8 bytes in a row shows, and others but for one
/// in 2⁶⁴.
///
/// It finds damage, and not malice: whoever changes a file on purpose can compute it too.
///
/// Source: ECMA-182 (1992), annex B, in the reflected form that .xz files have; Kounavis & Berry, "A
/// systematic approach to building high performance software-based CRC generators" (2005), for eight
/// bytes at a time.
struct CRC64 {
  private var remainder = UInt64.max

  /// What the remainder becomes of a byte, followed by 0 to 7 bytes of zeros.
  private static let tables: [[UInt64]] = {
    let polynomial: UInt64 = 0xC96C_5795_D787_0F42
    var tables = [
      (0..<256).map { byte in
        (0..<8).reduce(UInt64(byte)) { value, _ in
          value >> 1 ^ (value & 1 == 1 ? polynomial : 0)
        }
      }
    ]
    for _ in 1..<8 {
      let last = tables[tables.count - 1]
      tables.append(last.map { $0 >> 8 ^ tables[0][Int($0 & 0xFF)] })
    }
    return tables
  }()

  /// The check of what was added.
  var value: UInt64 { ~remainder }

  /// Adds bytes.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    let tables = CRC64.tables
    let whole = bytes.count / 8 * 8
    for place in stride(from: 0, to: whole, by: 8) {
      let word = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      let mixed = UInt64(littleEndian: word) ^ remainder
      remainder = 0
      for number in 0..<8 {
        remainder ^= tables[7 - number][Int(truncatingIfNeeded: mixed >> (8 * number) & 0xFF)]
      }
    }
    for place in whole..<bytes.count {
      let byte = UInt64(unsafe bytes[place])
      remainder = remainder >> 8 ^ tables[0][Int((remainder ^ byte) & 0xFF)]
    }
  }

  /// Adds a text, with its length, so that one text cannot pass for two.
  mutating func add(_ text: String) {
    add(text.utf8.count)
    unsafe Array(text.utf8).withUnsafeBytes { unsafe add($0) }
  }

  /// Adds a number.
  mutating func add(_ number: Int) {
    unsafe withUnsafeBytes(of: UInt64(bitPattern: Int64(number)).littleEndian) { unsafe add($0) }
  }

  /// Adds a tensor: its type and its elements.
  mutating func add(_ tensor: Tensor) {
    add("\(tensor.dtype)")
    add(tensor.rank)
    for extent in tensor.shape { add(extent) }
    unsafe tensor.withBytes { unsafe add($0) }
  }

  /// The check of texts and tensors by name.
  static func of(_ tensors: [String: Tensor], _ texts: [String: String]) -> String {
    var sum = CRC64()
    for (key, text) in texts.sorted(by: { $0.key < $1.key }) {
      sum.add(key)
      sum.add(text)
    }
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      sum.add(name)
      sum.add(tensor)
    }
    let digits = String(sum.value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
