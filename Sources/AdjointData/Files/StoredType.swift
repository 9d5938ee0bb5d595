/// How a number stands in a file.
package enum StoredType: String, Sendable, CaseIterable {
  case bool, int8, uint8, int16, uint16, int32, uint32, int64, uint64
  case float16, bfloat16, float32, float64

  /// The size of an element in bytes.
  package var byteCount: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }
}

/// A half-precision number, which not every platform of Swift has, as a float: all are exact.
///
///     sign: 1 bit, exponent: 5 bits, of which 15 is 0, fraction: 10 bits
///
/// Source: IEEE 754-2008, §3.4.
package func float(half bits: UInt16) -> Float {
  let (exponent, fraction) = (UInt32(bits >> 10 & 0x1F), UInt32(bits & 0x3FF))
  let magnitude: Float =
    switch exponent {
    case 0: Float(fraction) * 0x1p-24
    case 0x1F: Float(bitPattern: 0x7F80_0000 | fraction << 13)
    default: Float(bitPattern: (exponent + 112) << 23 | fraction << 13)
    }
  return Float(bitPattern: magnitude.bitPattern | UInt32(bits & 0x8000) << 16)
}
