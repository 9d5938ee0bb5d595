import Foundation

/// How far a check has come, on one line of the standard error stream that is written over and over.
struct Progress: Sendable {
  private let name: String
  private let isShown: Bool
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant

  /// Shown where the stream is a terminal, unless said otherwise.
  init(_ name: String, isShown: Bool?) {
    self.name = name
    self.isShown = isShown ?? (isatty(FileHandle.standardError.fileDescriptor) == 1)
    start = clock.now
  }

  /// Says how many of the comparisons have been made, once the check takes longer than a moment.
  func show(_ count: Int, of total: Int) {
    guard isShown, clock.now - start > .milliseconds(500) else { return }
    write("\r\u{1B}[K\(name): \(count) of \(total) derivatives")
  }

  /// Clears the line.
  func end() {
    guard isShown, clock.now - start > .milliseconds(500) else { return }
    write("\r\u{1B}[K")
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
