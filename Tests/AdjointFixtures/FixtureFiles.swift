import Foundation

extension Fixture {
  /// A file that another system has written: `Tests/Files/make.py` says how.
  public static func file(_ name: String) -> URL {
    data.appendingPathComponent("files/\(name)")
  }
}

/// A folder of a test's own, removed at its end.
public func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("adjoint-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}
