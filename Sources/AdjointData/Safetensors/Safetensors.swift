import Adjoint
import Foundation

/// A file of named tensors in the safetensors format, in which weights are passed on.
///
/// ```swift
/// let file = try Safetensors.read(URL(filePath: "model.safetensors"))
/// for entry in file.entries { print(entry.name, entry.storedType, entry.shape) }
/// let weight = try file.tensor("hidden.weight")
/// ```
///
/// Eight bytes with the length of a header, the header in JSON, and the elements without a gap. Reading checks
/// the header before anything in it is believed: that it lies within the file, that no name occurs twice, that
/// each tensor has the bytes that its type and shape need, and that together they are all bytes of the file. A
/// tensor is read when it is asked for, straight into its memory.
///
/// F64, F32, I32 and BOOL are read as they are, F16 and BF16 as float32, which has all their numbers, the other
/// integers as int32: I64, U64 and U32 if each number fits one. Types of 8 bits and less with a fraction, and
/// complex numbers, are refused by their name.
///
/// Source: Hugging Face, "Safetensors" (2022), its README and version 0.8 of its library.
public struct Safetensors: Sendable {
  /// What the file says of itself, text by text; empty if it says nothing.
  public let metadata: [String: String]
  /// What is known of each tensor, in the order in which they lie in the file.
  public let entries: [Entry]
  private let places: [String: Int]
  /// What errors call it all.
  private let name: String

  /// What a file says of a tensor.
  public struct Entry: Sendable {
    /// The name.
    public let name: String
    /// The type of the elements in the file, by the format's name for it, such as `BF16`.
    public let storedType: String
    /// The extent of each axis.
    public let shape: [Int]
    /// The element type of the tensor that is read; nil if the type cannot be read.
    public var dtype: DType? { ElementType(rawValue: storedType)?.stored?.dtype }

    /// Where in which file the elements are.
    let range: Range<Int>
    let source: ByteSource
  }

  /// Opens a file, or the index of one in several parts, whose name ends in `.json`.
  ///
  /// The parts lie beside their index, which says in which each tensor is.
  public static func read(_ file: URL) throws(FileError) -> Safetensors {
    let source = try ByteSource(file)
    if file.pathExtension == "json" {
      return try Safetensors(index: source, in: file.deletingLastPathComponent())
    }
    return try Safetensors(source)
  }

  /// Takes the bytes of a file; `name` is what errors call it.
  public static func decode(_ bytes: [UInt8], name: String) throws(FileError) -> Safetensors {
    try Safetensors(ByteSource(bytes, name: name))
  }

  package init(_ source: ByteSource) throws(FileError) {
    let header = try Header(source)
    self.init(header.entries, header.metadata, source.name)
  }

  init(_ entries: [Entry], _ metadata: [String: String], _ name: String) {
    self.entries = entries
    self.metadata = metadata
    self.name = name
    places = Dictionary(
      uniqueKeysWithValues: entries.enumerated().map { ($0.element.name, $0.offset) })
  }

  /// The names of the tensors, in the order in which they lie in the file.
  public var names: [String] { entries.map(\.name) }

  /// What is known of a tensor; nil if there is none of the name.
  public func entry(_ name: String) -> Entry? { places[name].map { entries[$0] } }

  /// Reads a tensor.
  public func tensor(_ name: String) throws(FileError) -> Tensor {
    guard let entry = entry(name) else {
      throw FileError(
        file: self.name,
        problem: .missing(
          "tensor \(name.quoted)", nearest: NearestName.of(name, in: names)?.quoted))
    }
    return try entry.tensor()
  }

  /// Reads all tensors.
  public func tensors() throws(FileError) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for entry in entries { tensors[entry.name] = try entry.tensor() }
    return tensors
  }
}

extension Safetensors.Entry {
  fileprivate func tensor() throws(FileError) -> Tensor {
    guard let stored = Safetensors.ElementType(rawValue: storedType)?.stored else {
      throw source.error(
        .unsupported(
          "\(name.quoted) is of the type \(storedType.quoted), which tensors here do not have",
          remedy: "convert it to F32 where it was made"))
    }
    return try source.tensor(stored, shape, at: range.lowerBound, called: name.quoted)
  }
}
