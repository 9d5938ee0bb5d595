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
    let data: Data
    do {
      data = try Data(contentsOf: file)
    } catch {
      throw IDXError(file: file.lastPathComponent, problem: .unreadable(error.localizedDescription))
    }
    return try decode([UInt8](data), name: file.lastPathComponent)
  }

  /// Reads the bytes of a file; `name` is what errors call it.
  public static func decode(_ bytes: [UInt8], name: String) throws(IDXError) -> Tensor {
    func fail(_ problem: IDXError.Problem) -> IDXError { IDXError(file: name, problem: problem) }
    guard bytes.count >= 4 else { throw fail(.truncated(expected: 4, actual: bytes.count)) }
    guard bytes[0] == 0, bytes[1] == 0 else { throw fail(.notIDX(Array(bytes[..<4]))) }
    guard let element = Element(rawValue: bytes[2]) else { throw fail(.unknownType(bytes[2])) }
    let rank = Int(bytes[3])
    let start = 4 + 4 * rank
    guard bytes.count >= start else { throw fail(.truncated(expected: start, actual: bytes.count)) }
    let shape = (0..<rank).map { Int(UInt32(bigEndian: bytes, at: 4 + 4 * $0)) }
    var size = element.byteCount
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw fail(.tooLarge(shape)) }
      size = product
    }
    guard bytes.count - start >= size else {
      throw fail(.truncated(expected: start + size, actual: bytes.count))
    }
    guard bytes.count - start == size else {
      throw fail(.trailingBytes(expected: start + size, actual: bytes.count))
    }
    return element.tensor(bytes[start...], shape)
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

    func tensor(_ bytes: ArraySlice<UInt8>, _ shape: [Int]) -> Tensor {
      let places = stride(from: bytes.startIndex, to: bytes.endIndex, by: byteCount)
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
