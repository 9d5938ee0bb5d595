import Foundation

/// Why a file could not be read or written.
///
/// One type for all formats. A reader believes nothing that it has not checked, and a failed write leaves the
/// old file as it was.
public struct FileError: Error, Equatable, CustomStringConvertible {
  /// The name of the file.
  public let file: String
  /// What is wrong with it.
  public let problem: Problem

  package init(file: String, problem: Problem) {
    self.file = file
    self.problem = problem
  }

  /// What can be wrong with a file.
  public enum Problem: Equatable, Sendable {
    /// The system could not read it; its own words.
    case unreadable(String)
    /// The system could not write it; its own words.
    case unwritable(String)
    /// It does not start as files of a format do; its first bytes.
    case foreign(format: String, start: [UInt8])
    /// It ends early: the number of bytes that it has to have, and that there are.
    case truncated(expected: Int, actual: Int)
    /// It goes on after its end.
    case trailingBytes(expected: Int, actual: Int)
    /// Its extents multiply to more than can be counted.
    case tooLarge([Int])
    /// It breaks a rule of its format; which one.
    case invalid(String)
    /// It is right, and holds what cannot be read; what that is, and what to do.
    case unsupported(String, remedy: String)
    /// It has nothing of a name; the nearest name that it has.
    case missing(String, nearest: String?)
    /// A place in a file of text, both counted from 1, and what is wrong there.
    case malformed(line: Int, column: Int, String)
  }

  /// Throws at what is no place in the file system: the path of an address of the net would be one there.
  package static func requireFile(_ url: URL) throws(FileError) {
    if url.scheme == nil || url.isFileURL { return }
    throw FileError(
      file: url.lastPathComponent,
      problem: .unsupported(
        "stands at \(url.absoluteString.quoted), which is no file of this system",
        remedy: "give URL(filePath:) of a file"))
  }

  /// The file, what is wrong, and what to do.
  public var description: String {
    switch problem {
    case .unreadable(let reason): "\(file): cannot be read: \(reason)"
    case .unwritable(let reason): "\(file): cannot be written: \(reason)"
    case .foreign(_, let start) where start.prefix(2) == [0x1F, 0x8B]:
      "\(file): is compressed; unpack it with gunzip first"
    case .foreign(let format, let start):
      "\(file): is no \(format) file: it starts with \(start)"
    case .truncated(let expected, let actual):
      "\(file): ends after \(actual) bytes of \(expected); get it again, whole"
    case .trailingBytes(let expected, let actual):
      "\(file): has \(actual) bytes where its header says \(expected); get it again"
    case .tooLarge(let shape): "\(file): claims the shape \(shape), more than can be counted"
    case .invalid(let rule): "\(file): \(rule)"
    case .unsupported(let what, let remedy): "\(file): \(what); \(remedy)"
    case .missing(let name, let nearest):
      "\(file): has no \(name)" + (nearest.map { "; the nearest name is \($0)" } ?? "")
    case .malformed(let line, let column, let reason):
      "\(file): line \(line), column \(column): \(reason)"
    }
  }
}

extension String {
  /// A name out of a file, as a message shows it: in quotes, without what moves a terminal's cursor, turns the
  /// direction of the text or ends the line, and not longer than a line.
  package var quoted: String {
    var shown = ""
    for character in unicodeScalars.prefix(80) {
      switch character.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        shown += character.escaped(asASCII: true)
      default: shown.unicodeScalars.append(character)
      }
    }
    return unicodeScalars.count > 80 ? "\"\(shown)…\"" : "\"\(shown)\""
  }
}
