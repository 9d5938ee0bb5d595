import Foundation

/// A thing that writing a file asks of the system, each of which can fail.
package enum FileStep: String, Sendable, CaseIterable {
  case create, lock, write, permissions, sync, close, rename, syncFolder

  /// In tests, what makes steps fail: the number of an error to fail with, or nil for a step that is to be done.
  @TaskLocal package static var fault: (@Sendable (FileStep) -> CInt?)?

  /// Has the system do this step, again if a signal comes between; −1 is its word for failure.
  ///
  /// Closing is not done again: the file is closed then, and its number may be another's.
  @discardableResult
  package func run<Result: SignedInteger>(
    _ file: String, _ call: () -> Result
  ) throws(FileError) -> Result {
    if let number = FileStep.fault?(self) { throw .unwritable(file, number) }
    while true {
      let result = call()
      if result != -1 { return result }
      if errno != EINTR || self == .close { throw .unwritable(file, errno) }
    }
  }
}

extension FileError {
  /// What the system says of an error when it writes.
  package static func unwritable(_ file: String, _ number: CInt) -> FileError {
    FileError(file: file, problem: .unwritable(words(number)))
  }

  /// What the system says of an error when it reads.
  package static func unreadable(_ file: String, _ number: CInt) -> FileError {
    FileError(file: file, problem: .unreadable(words(number)))
  }

  private static func words(_ number: CInt) -> String {
    unsafe String(cString: strerror(number)).lowercased()
  }
}
