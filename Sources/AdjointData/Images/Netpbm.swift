import Adjoint
import Foundation

/// Images in the formats PGM and PPM, which every program that converts images writes.
///
/// ```swift
/// let image = try Netpbm.read(URL(filePath: "cat.ppm"))     // float32[3, H, W], from 0 to 1
/// ```
///
/// PNG and JPEG are packed in ways that nothing in Swift's toolchain unpacks on every platform; convert them first, as
/// with `magick mogrify -format ppm *.png`.
///
/// Source: the manual pages pgm(5) and ppm(5) of Netpbm.
public enum Netpbm {
  /// Reads an image: grey ones with one channel, others with red, green and blue.
  ///
  ///     H rows of W   →   float32[1, H, W] or float32[3, H, W], from 0 for black to 1
  public static func read(_ file: URL) throws(FileError) -> Tensor {
    try decode(ByteSource(file))
  }

  /// Reads the bytes of a file; `name` is what errors call it.
  public static func decode(_ bytes: [UInt8], name: String) throws(FileError) -> Tensor {
    try decode(ByteSource(bytes, name: name))
  }

  private static func decode(_ source: ByteSource) throws(FileError) -> Tensor {
    let header = try Header(source)
    let pixels = try source.tensor(
      header.largest > 255 ? .uint16 : .uint8, [header.height, header.width, header.channels],
      at: header.start, highByteFirst: true, called: "it")
    let values = [Int32](pixels)
    guard let wrong = values.first(where: { $0 > header.largest }) else {
      return pixels.transposed([2, 0, 1]).cast(to: .float32) / Double(header.largest)
    }
    throw source.error(
      .invalid("it has the value \(wrong), and says that none is over \(header.largest)"))
  }

  /// Writes an image of values from 0 to 1, those outside as the nearest within, in 256 steps.
  ///
  ///     [H, W] or [1, H, W]: PGM; [3, H, W]: PPM
  ///
  /// Whatever fails, an old file of the name is as before.
  /// - Precondition: the shape is one of these, and no value is NaN.
  public static func write(_ image: Tensor, to file: URL) throws(FileError) {
    let image = image.rank == 2 ? image.expanded(at: 0) : image
    require(
      image.rank == 3 && [1, 3].contains(image.shape[0]) && image.dtype.isFloatingPoint,
      "Netpbm: \(image.type) is no image; give float32[H, W], [1, H, W] or [3, H, W]")
    require(
      image.count > 0, "Netpbm: \(image.type) has no pixels; give a height and a width of 1 or more"
    )
    let bytes = [Double](image.transposed([1, 2, 0])).map { value in
      require(!value.isNaN, "Netpbm: a value is NaN; give numbers from 0 to 1")
      return UInt8((min(max(value, 0), 1) * 255).rounded())
    }
    let kind = image.shape[0] == 1 ? "P5" : "P6"
    try AtomicFile.write(to: file) { writer throws(FileError) in
      try writer.write("\(kind)\n\(image.shape[2]) \(image.shape[1])\n255\n")
      try writer.write(bytes)
    }
  }

  /// What a file says of itself.
  private struct Header {
    let channels, width, height, largest: Int
    /// Where the pixels start.
    let start: Int

    /// More bytes, with comments, no header has.
    private static let longest = 1 << 16

    init(_ source: ByteSource) throws(FileError) {
      let bytes = try source.bytes(0..<min(Header.longest, source.count))
      switch bytes.prefix(2) {
      case [0x50, 0x35]: channels = 1
      case [0x50, 0x36]: channels = 3
      case [0x50, 0x32], [0x50, 0x33]:
        throw source.error(
          .unsupported("has its numbers in words", remedy: "save it in the binary form"))
      default: throw source.error(.foreign(format: "PGM or PPM", start: Array(bytes.prefix(4))))
      }
      var place = 2
      func space() {
        while place < bytes.count, bytes[place] == 0x20 || (9...13).contains(bytes[place]) {
          place += 1
        }
      }
      func number(_ what: String) throws(FileError) -> Int {
        let start = place
        space()
        while place < bytes.count, bytes[place] == UInt8(ascii: "#") {
          place = bytes[place...].firstIndex(of: 10) ?? bytes.count
          space()
        }
        let digits = bytes[place...].prefix { (0x30...0x39).contains($0) }
        guard place > start, !digits.isEmpty, digits.count <= 9,
          let number = Int(String(decoding: digits, as: UTF8.self)), number > 0
        else {
          throw source.error(.invalid("its \(what) is no number from 1 on, at byte \(place)"))
        }
        place += digits.count
        return number
      }
      (width, height) = (try number("width"), try number("height"))
      largest = try number("largest value")
      guard largest <= 65535 else {
        throw source.error(.invalid("its largest value is \(largest), and can be 65535"))
      }
      // One blank, and then pixels, which may look like blanks.
      guard place < bytes.count, bytes[place] == 0x20 || (9...13).contains(bytes[place]) else {
        throw source.error(.invalid("no blank follows its largest value"))
      }
      start = place + 1
      guard TensorType.isCountable([channels, height, width]) else {
        throw source.error(.tooLarge([channels, height, width]))
      }
      let end = start + channels * height * width * (largest > 255 ? 2 : 1)
      guard source.count >= end else {
        throw source.error(.truncated(expected: end, actual: source.count))
      }
      guard source.count == end else {
        throw source.error(.trailingBytes(expected: end, actual: source.count))
      }
    }
  }
}
