import Foundation

/// Writes bytes one after another to an open file, through a buffer.
@safe
package struct FileWriter: ~Copyable {
  private let descriptor: CInt
  private let file: String
  private var buffer: [UInt8] = []
  /// The number of bytes written.
  package private(set) var count = 0

  /// What is written at once.
  private static let bufferSize = 1 << 16

  init(descriptor: CInt, file: String) {
    self.descriptor = descriptor
    self.file = file
    buffer.reserveCapacity(FileWriter.bufferSize)
  }

  /// Writes bytes.
  package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    count += bytes.count
    if buffer.count + bytes.count <= FileWriter.bufferSize {
      return unsafe buffer.append(contentsOf: bytes)
    }
    try flush()
    try unsafe put(bytes)
  }

  /// Writes bytes.
  package mutating func write(_ bytes: [UInt8]) throws(FileError) {
    try unsafe bytes.withUnsafeBufferPointer { bytes throws(FileError) in
      try unsafe write(UnsafeRawBufferPointer(bytes))
    }
  }

  /// Writes a text in UTF-8.
  package mutating func write(_ text: String) throws(FileError) { try write(Array(text.utf8)) }

  /// Hands what is in the buffer to the system.
  mutating func flush() throws(FileError) {
    try unsafe buffer.withUnsafeBufferPointer { bytes throws(FileError) in
      try unsafe put(UnsafeRawBufferPointer(bytes))
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// The system may take less than it is given.
  private func put(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var rest = unsafe bytes[...]
    while unsafe !rest.isEmpty {
      // No system takes more than 2³¹ − 1 bytes at once.
      let part = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      let written = try FileStep.write.run(file) {
        unsafe Foundation.write(descriptor, part.baseAddress, part.count)
      }
      guard written > 0 else { throw .unwritable(file, EIO) }
      unsafe rest = rest.dropFirst(written)
    }
  }
}
