import AdjointData
import Foundation

/// A raster picture as a PNG file, not compressed.
///
/// Source: "Portable Network Graphics (PNG) Specification", third edition, W3C (2025); Deutsch &
/// Gailly, "ZLIB compressed data format", RFC 1950 (1996); stored blocks of RFC 1951, §3.2.4.
struct PNG {
  private let width: Int
  private let height: Int
  /// Red, green and blue of each pixel, row by row.
  private let pixels: [SIMD3<UInt8>]

  init(width: Int, height: Int, pixels: [SIMD3<UInt8>]) {
    (self.width, self.height, self.pixels) = (width, height, pixels)
  }

  /// The file in the letters of a link.
  var base64: String { Data(bytes).base64EncodedString() }

  /// The bytes of the file.
  var bytes: [UInt8] {
    let header = UInt32(width).bytes + UInt32(height).bytes + [8, 2, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", header) + chunk("IDAT", stored(scanlines)) + chunk("IEND", [])
  }

  /// The rows, each after a byte that says that it is not filtered.
  private var scanlines: [UInt8] {
    (0..<height).flatMap { row in
      [0] + pixels[row * width..<(row + 1) * width].flatMap { [$0.x, $0.y, $0.z] }
    }
  }

  private func chunk(_ kind: String, _ content: [UInt8]) -> [UInt8] {
    let checked = Array(kind.utf8) + content
    return UInt32(content.count).bytes + checked + CRC32.of(checked).bytes
  }

  /// A zlib stream of blocks that are stored as they are.
  private func stored(_ content: [UInt8]) -> [UInt8] {
    let most = 65_535
    var stream: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: content.count, by: most) {
      let block = content[start..<min(start + most, content.count)]
      let count = UInt16(block.count)
      stream.append(start + most >= content.count ? 1 : 0)
      stream += [count, ~count].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
      stream += block
    }
    // Adler's checksum.
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in content {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return stream + (b << 16 | a).bytes
  }
}

extension UInt32 {
  /// The bytes, the high one first.
  fileprivate var bytes: [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: self >> $0) }
  }
}
