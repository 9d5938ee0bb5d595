import Foundation

/// The files of the package, found from where this file is.
enum SourceFiles {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The Swift files below a folder, without their comments.
  static func swift(in folder: String) throws -> [(name: String, text: String)] {
    let base = root.appendingPathComponent(folder)
    let files = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil)
    return try (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
      .map { file in
        let lines = try String(contentsOf: file, encoding: .utf8).split(
          separator: "\n", omittingEmptySubsequences: false)
        let code = lines.filter { !$0.drop(while: \.isWhitespace).hasPrefix("//") }
        return (file.lastPathComponent, code.joined(separator: "\n"))
      }
  }
}
