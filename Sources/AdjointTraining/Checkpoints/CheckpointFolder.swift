import Adjoint
import AdjointData
import AdjointNN
import Foundation

/// A folder of checkpoints: the last few, and the best.
///
/// ```swift
/// let checkpoints = try CheckpointFolder(URL(filePath: "checkpoints"), keepingLast: 3)
/// try checkpoints.restore(&training)        // Goes on, if there is something to go on from.
/// …
/// try checkpoints.save(training)            // checkpoints/step-000001200.safetensors
/// ```
///
/// A file is written whole or not at all, so that a process can be killed at any moment: what it was writing
/// is left behind as a file with a name of its own, which the next one removes.
public struct CheckpointFolder: Sendable {
  /// The folder.
  public let folder: URL
  /// How many are kept, besides the best.
  public let count: Int

  private static let (prefix, suffix) = ("step-", ".safetensors")
  private static let bestName = "best.safetensors"
  private static let damageSuffix = ".damaged"
  private static let supersededSuffix = ".superseded"

  /// Opens a folder, which is made if there is none, and removes what killed processes have left half written.
  /// - Precondition: one or more are kept.
  public init(_ folder: URL, keepingLast count: Int = 3) throws(FileError) {
    require(count > 0, "CheckpointFolder: \(count) are to be kept; keep 1 or more")
    (self.folder, self.count) = (folder, count)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError(
        file: folder.lastPathComponent, problem: .unwritable(error.localizedDescription))
    }
    AtomicFile.removeAbandoned(in: folder)
  }

  /// The checkpoints, the latest first; none if the folder cannot be read.
  public var files: [URL] { ((try? numbered()) ?? []).map(\.file) }

  /// The checkpoints with their steps, the latest first.
  private func numbered() throws -> [(step: Int, file: URL)] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let steps = names.compactMap { name -> (step: Int, name: String)? in
      guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.suffix) else { return nil }
      let digits = name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count)
      return Int(digits).map { ($0, name) }
    }
    return steps.sorted { $0 > $1 }.map { ($0.step, folder.appending(path: $0.name)) }
  }

  /// Gives a checkpoint another name, so that it counts no more; a file of that name goes.
  private func setAside(_ file: URL, _ suffix: String) throws {
    let aside = folder.appending(path: file.lastPathComponent + suffix)
    try? FileManager.default.removeItem(at: aside)
    try FileManager.default.moveItem(at: file, to: aside)
  }

  /// The best of all, if one was called that.
  public var best: URL? {
    let file = folder.appending(path: Self.bestName)
    return FileManager.default.fileExists(atPath: file.path) ? file : nil
  }

  /// Saves a training, and removes the checkpoints that are more than are kept.
  ///
  /// Those of later steps are of another training in the same folder: they are renamed, so that they end in
  /// `.superseded`.
  ///
  /// - Parameters:
  ///   - training: the training.
  ///   - isBest: whether it is the best so far, and to be kept as such.
  /// - Returns: the file.
  @discardableResult
  public func save<Model, Rule>(
    _ training: TrainingState<Model, Rule>, isBest: Bool = false
  ) throws(CheckpointError) -> URL {
    let digits = "\(training.step)"
    let padded = String(repeating: "0", count: max(0, 9 - digits.count)) + digits
    let file = folder.appending(path: Self.prefix + padded + Self.suffix)
    // Of a training that was begun anew: the next resume would take them for the latest.
    do {
      for later in try numbered() where later.step > training.step {
        try setAside(later.file, Self.supersededSuffix)
      }
    } catch {
      throw failure(.unwritable(error.localizedDescription))
    }
    // The best first: killed in between, a training that resumes saves it again.
    if isBest { try training.save(to: folder.appending(path: Self.bestName)) }
    try training.save(to: file)
    for old in files.dropFirst(count) where old.lastPathComponent != file.lastPathComponent {
      // One that cannot be removed does no harm.
      try? FileManager.default.removeItem(at: old)
    }
    return file
  }

  /// Sets a training to the latest checkpoint that is whole.
  ///
  /// One that is damaged is renamed, so that it ends in `.damaged`, and the one before is taken.
  /// - Returns: the file, and the errors of those that were damaged; nil if there is none at all.
  /// - Throws: the error of a checkpoint that is whole and does not fit the training; or of the latest, if all
  ///   are damaged. The training is as before then.
  @discardableResult
  public func restore<Model, Rule>(
    _ training: inout TrainingState<Model, Rule>
  ) throws(CheckpointError) -> (file: URL, damaged: [CheckpointError])? {
    var damaged: [(file: URL, error: CheckpointError)] = []
    let files: [URL]
    // Not taken for an empty one: what lies there would be trained anew.
    do { files = try numbered().map(\.file) } catch {
      throw failure(.unreadable(error.localizedDescription))
    }
    for file in files {
      do throws(CheckpointError) {
        try training.load(from: file)
        // One that stays is found damaged again.
        for (file, _) in damaged { try? setAside(file, Self.damageSuffix) }
        return (file, damaged.map(\.error))
      } catch {
        guard error.isDamage else { throw error }
        damaged.append((file, error))
      }
    }
    if let first = damaged.first { throw first.error }
    return nil
  }

  private func failure(_ problem: FileError.Problem) -> CheckpointError {
    let name = folder.lastPathComponent
    return CheckpointError(
      file: name, problem: .file(FileError(file: name, problem: problem)))
  }
}
