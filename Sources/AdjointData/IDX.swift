import Adjoint
import Foundation

/// Files of the IDX format, in which MNIST and its relatives come.
///
/// Two zero bytes, a byte for the type of the elements, a byte for the number of axes, the extents
/// as 32-bit numbers and the elements, all with the high byte first. Everything is checked before
/// anything is believed: the header, the sizes, and that the file ends where they say.
///
/// Source: LeCun, Cortes & Burges, "The MNIST database of handwritten digits" (1998).
public enum IDX {
  /// Reads a file.
  ///
  /// Bytes and integers become int32, floats float32, doubles float64.
  public static func read(_ file: URL) throws(IDXError) -> Tensor {
    let name = file.lastPathComponent
    do {
      let handle = try FileHandle(forReadingFrom: file)
      defer { try? handle.close() }
      // A pipe has no size: it is read as it is.
      guard let size = try? handle.seekToEnd() else {
        return try decode([UInt8](handle.readToEnd() ?? Data()), name: name)
      }
      try handle.seek(toOffset: 0)
      // The header first: nothing is read of a file whose size it does not agree with.
      let start = try handle.read(upToCount: Header.most) ?? Data()
      let header = try Header([UInt8](start), fileSize: Int(clamping: size), name)
      try handle.seek(toOffset: UInt64(header.byteCount))
      let elements = try handle.read(upToCount: header.elementBytes + 1) ?? Data()
      return try header.tensor(of: elements, name)
    } catch let error as IDXError {
      throw error
    } catch {
      throw IDXError(file: name, problem: .unreadable(error.localizedDescription))
    }
  }

  /// Reads the bytes of a file; `name` is what errors call it.
  public static func decode(_ bytes: [UInt8], name: String) throws(IDXError) -> Tensor {
    let header = try Header(Array(bytes.prefix(Header.most)), fileSize: bytes.count, name)
    return try header.tensor(of: bytes[header.byteCount...], name)
  }

  /// What a file says of itself.
  private struct Header {
    /// The most bytes that there can be: 255 axes.
    static let most = 4 + 4 * 255

    let element: Element
    let shape: [Int]
    /// The bytes of the header, and of the elements.
    let byteCount, elementBytes: Int

    /// Reads a header from the first bytes of a file, and holds it against the file's size.
    init(_ bytes: [UInt8], fileSize: Int, _ name: String) throws(IDXError) {
      func fail(_ problem: IDXError.Problem) -> IDXError { IDXError(file: name, problem: problem) }
      guard bytes.count >= 4 else { throw fail(.truncated(expected: 4, actual: fileSize)) }
      guard bytes[0] == 0, bytes[1] == 0 else { throw fail(.notIDX(Array(bytes[..<4]))) }
      guard let element = Element(rawValue: bytes[2]) else { throw fail(.unknownType(bytes[2])) }
      let start = 4 + 4 * Int(bytes[3])
      guard bytes.count >= start else {
        throw fail(.truncated(expected: start, actual: fileSize))
      }
      let shape = (0..<Int(bytes[3])).map { Int(UInt32(bigEndian: bytes, at: 4 + 4 * $0)) }
      guard TensorType.isCountable(shape) else { throw fail(.tooLarge(shape)) }
      self.element = element
      self.shape = shape
      byteCount = start
      elementBytes = shape.reduce(element.byteCount, *)
      let (end, overflow) = start.addingReportingOverflow(elementBytes)
      guard !overflow else { throw fail(.tooLarge(shape)) }
      guard fileSize >= end else { throw fail(.truncated(expected: end, actual: fileSize)) }
      guard fileSize == end else { throw fail(.trailingBytes(expected: end, actual: fileSize)) }
    }

    /// The tensor whose elements these bytes are.
    func tensor(
      of bytes: some RandomAccessCollection<UInt8>, _ name: String
    ) throws(IDXError) -> Tensor {
      guard bytes.count == elementBytes else {
        let (expected, actual) = (byteCount + elementBytes, byteCount + bytes.count)
        throw IDXError(
          file: name,
          problem: bytes.count < elementBytes
            ? .truncated(expected: expected, actual: actual)
            : .trailingBytes(expected: expected, actual: actual))
      }
      return element.tensor(bytes, shape)
    }
  }

  /// The types of elements, by their byte in the header.
  private enum Element: UInt8 {
    case unsignedByte = 0x08
    case signedByte = 0x09
    case short = 0x0B
    case int = 0x0C
    case float = 0x0D
    case double = 0x0E

    var byteCount: Int {
      switch self {
      case .unsignedByte, .signedByte: 1
      case .short: 2
      case .int, .float: 4
      case .double: 8
      }
    }

    func tensor<Bytes: RandomAccessCollection<UInt8>>(_ bytes: Bytes, _ shape: [Int]) -> Tensor {
      let places = stride(from: 0, to: bytes.count, by: byteCount).lazy.map {
        bytes.index(bytes.startIndex, offsetBy: $0)
      }
      return switch self {
      case .unsignedByte: Tensor(bytes.map { Int32($0) }, shape: shape)
      case .signedByte: Tensor(bytes.map { Int32(Int8(bitPattern: $0)) }, shape: shape)
      case .short:
        Tensor(places.map { Int32(Int16(bigEndian: bytes, at: $0)) }, shape: shape)
      case .int: Tensor(places.map { Int32(bigEndian: bytes, at: $0) }, shape: shape)
      case .float:
        Tensor(places.map { Float(bitPattern: UInt32(bigEndian: bytes, at: $0)) }, shape: shape)
      case .double:
        Tensor(places.map { Double(bitPattern: UInt64(bigEndian: bytes, at: $0)) }, shape: shape)
      }
    }
  }
}

extension FixedWidthInteger {
  /// The integer whose bytes, the high one first, start at a place.
  fileprivate init<Bytes: Collection<UInt8>>(bigEndian bytes: Bytes, at place: Bytes.Index) {
    var value: Self = 0
    for byte in bytes[place...].prefix(Self.bitWidth / 8) {
      value = value << 8 | Self(truncatingIfNeeded: byte)
    }
    self = value
  }
}

/// Why an IDX file was rejected.
public struct IDXError: Error, Equatable, CustomStringConvertible {
  /// The name of the file.
  public let file: String
  /// What is wrong with it.
  public let problem: Problem

  /// What can be wrong with a file.
  public enum Problem: Equatable, Sendable {
    /// The system could not read it; its own words.
    case unreadable(String)
    /// It does not start with two zero bytes; the first four.
    case notIDX([UInt8])
    /// The byte for the type of the elements means nothing.
    case unknownType(UInt8)
    /// Its extents multiply to more than can be counted.
    case tooLarge([Int])
    /// It ends early: the number of bytes that its header asks for, and that there are.
    case truncated(expected: Int, actual: Int)
    /// It goes on after its end.
    case trailingBytes(expected: Int, actual: Int)
  }

  /// The file, what is wrong, and what to do.
  public var description: String {
    switch problem {
    case .unreadable(let reason): "\(file): cannot be read: \(reason)"
    case .notIDX(let bytes) where bytes.prefix(2) == [0x1F, 0x8B]:
      "\(file): is compressed; unpack it with gunzip first"
    case .notIDX(let bytes): "\(file): is no IDX file: it starts with \(bytes), not with two zeros"
    case .unknownType(let type):
      "\(file): has elements of the unknown type \(type); IDX knows 8, 9, 11, 12, 13 and 14"
    case .tooLarge(let shape): "\(file): claims the shape \(shape), more than can be counted"
    case .truncated(let expected, let actual):
      "\(file): ends after \(actual) bytes of \(expected); get it again, whole"
    case .trailingBytes(let expected, let actual):
      "\(file): has \(actual) bytes where its header says \(expected); get it again"
    }
  }
}
