import Foundation

/// The files of the package, found from where this file is.
public enum SourceFiles {
  /// The folder of the package.
  public static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The files below a folder whose names end so.
  public static func all(_ ending: String, in folder: String) throws -> [(
    name: String, text: String
  )] {
    let base = root.appendingPathComponent(folder)
    let files = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil)
    return try (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == ending }
      .map { ($0.lastPathComponent, try String(contentsOf: $0, encoding: .utf8)) }
  }

  /// The Swift files below a folder, without their comments.
  public static func swift(in folder: String) throws -> [(name: String, text: String)] {
    try all("swift", in: folder).map { name, text in
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let code = lines.filter { !$0.drop(while: \.isWhitespace).hasPrefix("//") }
      return (name, code.joined(separator: "\n"))
    }
  }
}
