import Foundation

extension AtomicFile {
  private static let (prefix, suffix) = (".adjoint-", ".partial")

  /// A name for a temporary file, which does not depend on that of the file: this may be as long as there can be.
  static func temporaryName() -> String {
    prefix + String(UInt64.random(in: 0...UInt64.max), radix: 36) + suffix
  }

  /// Removes the temporary files of a folder that no process writes any more, as one leaves behind that is killed, and
  /// returns their names.
  @discardableResult
  package static func removeAbandoned(in folder: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().filter { name in
      guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return false }
      let path = folder.appendingPathComponent(name).path
      let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { return false }
      defer { close(descriptor) }
      // Who writes it holds the lock, which ends with the process.
      return unsafe flock(descriptor, LOCK_EX | LOCK_NB) == 0 && unlink(path) == 0
    }
  }
}
