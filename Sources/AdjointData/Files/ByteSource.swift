import Adjoint
import Dispatch
import Foundation

/// The bytes of a file, which can be read at any place: straight into memory that is to have them.
///
/// What is read is not mapped first: mapped pages count as the process's memory beside those that they are copied to,
/// and a file that someone cuts short meanwhile would end the process. Large tensors are mapped and not read, where
/// the system has others wait before they change the file.
@safe
package final class ByteSource: Sendable {
  /// What errors call the file.
  package let name: String
  /// The number of bytes.
  package let count: Int
  private let content: Content
  private let lease = Guarded<LeasedFile?>(nil)

  private enum Content: Sendable {
    case file(CInt)
    case memory([UInt8])
  }

  /// How much is read of what has no size, such as a pipe.
  private static let mostOfPipe = 1 << 30

  /// Opens a file.
  package init(_ url: URL) throws(FileError) {
    try FileError.requireFile(url)
    name = url.lastPathComponent
    let descriptor = unsafe open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(name, errno) }
    var found = stat()
    guard unsafe fstat(descriptor, &found) == 0 else {
      defer { close(descriptor) }
      throw .unreadable(name, errno)
    }
    if found.st_mode & S_IFMT == S_IFREG {
      count = Int(found.st_size)
      content = .file(descriptor)
      return
    }
    defer { close(descriptor) }
    let bytes = try ByteSource.everything(of: descriptor, name)
    count = bytes.count
    content = .memory(bytes)
  }

  /// Takes bytes in memory.
  package init(_ bytes: [UInt8], name: String) {
    self.name = name
    count = bytes.count
    content = .memory(bytes)
  }

  deinit {
    if case .file(let descriptor) = content { close(descriptor) }
  }

  /// Reads bytes from a place on, as many as there is room for.
  package func read(
    into room: UnsafeMutableRawBufferPointer, at place: Int
  ) throws(FileError) {
    let end = place + room.count
    guard end <= count else { throw truncated(end, count) }
    switch content {
    case .memory(let bytes): unsafe room.copyBytes(from: bytes[place..<end])
    case .file(let descriptor):
      guard room.count > ByteSource.pieceSize else {
        return try unsafe read(descriptor, into: room, at: place)
      }
      // What is read goes to fresh memory, whose pages the system has to clear, which takes more time than
      // copying: threads share both.
      let failure = Guarded<FileError?>(nil)
      let count = (room.count + ByteSource.pieceSize - 1) / ByteSource.pieceSize
      let base = UInt(bitPattern: room.baseAddress)
      let total = room.count
      DispatchQueue.concurrentPerform(iterations: count) { number in
        let start = number * ByteSource.pieceSize
        let piece = unsafe UnsafeMutableRawBufferPointer(
          start: UnsafeMutableRawPointer(bitPattern: base + UInt(start)),
          count: min(ByteSource.pieceSize, total - start))
        do throws(FileError) {
          try unsafe read(descriptor, into: piece, at: place + start)
        } catch {
          failure.withLock { $0 = $0 ?? error }
        }
      }
      if let error = failure.withLock({ $0 }) { throw error }
    }
  }

  /// What a thread reads at once of a large array: two large pages.
  private static let pieceSize = 1 << 22

  private func read(
    _ descriptor: CInt, into room: UnsafeMutableRawBufferPointer, at place: Int
  ) throws(FileError) {
    var done = 0
    while done < room.count {
      // No system gives more than 2³¹ − 1 bytes at once.
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[done...].prefix(1 << 30))
      let got = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(place + done))
      if got == -1, errno == EINTR { continue }
      guard got >= 0 else { throw .unreadable(name, errno) }
      // Someone has cut it short meanwhile.
      guard got > 0 else { throw truncated(place + room.count, place + done) }
      done += got
    }
  }

  /// The file, in which tensors can lie; nil if it is none, or someone may change it.
  var leasedFile: LeasedFile? {
    guard case .file(let descriptor) = content else { return nil }
    return lease.withLock { lease in
      lease = lease ?? LeasedFile(descriptor, name: name)
      return lease
    }
  }

  /// The bytes of a range.
  package func bytes(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    guard range.upperBound <= count else { throw truncated(range.upperBound, count) }
    if case .memory(let bytes) = content { return Array(bytes[range]) }
    var bytes = [UInt8](repeating: 0, count: range.count)
    try unsafe bytes.withUnsafeMutableBufferPointer { room throws(FileError) in
      try unsafe read(into: UnsafeMutableRawBufferPointer(room), at: range.lowerBound)
    }
    return bytes
  }

  /// An error of the file.
  package func error(_ problem: FileError.Problem) -> FileError {
    FileError(file: name, problem: problem)
  }

  private func truncated(_ expected: Int, _ actual: Int) -> FileError {
    error(.truncated(expected: expected, actual: actual))
  }

  /// The bytes of what has no size.
  private static func everything(of descriptor: CInt, _ name: String) throws(FileError) -> [UInt8] {
    var (all, part) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
    while true {
      let got = unsafe part.withUnsafeMutableBytes {
        unsafe Foundation.read(descriptor, $0.baseAddress, $0.count)
      }
      if got == -1, errno == EINTR { continue }
      guard got >= 0 else { throw .unreadable(name, errno) }
      if got == 0 { return all }
      all += part[..<got]
      guard all.count <= mostOfPipe else {
        throw FileError(
          file: name,
          problem: .unsupported(
            "is no file, and goes on after \(mostOfPipe) bytes", remedy: "save it as a file first"))
      }
    }
  }
}
