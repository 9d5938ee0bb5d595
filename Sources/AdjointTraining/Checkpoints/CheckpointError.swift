import AdjointData
import AdjointNN

/// Why a checkpoint could not be written, or not be gone on from; nothing is changed then.
public struct CheckpointError: Error, Equatable, CustomStringConvertible {
  /// The name of the file.
  public let file: String
  /// What is wrong.
  public let problem: Problem

  /// What can be wrong with a checkpoint.
  public enum Problem: Equatable, Sendable {
    /// The file cannot be read or written, or is no safetensors file that holds together.
    case file(FileError)
    /// It is a safetensors file, but no checkpoint.
    case foreign
    /// It is of a later version of the format, which this one is too old for.
    case newer(version: Int)
    /// Its contents are not those that were written.
    case damaged
    /// It breaks a rule of the format; which one.
    case invalid(String)
    /// The training was told otherwise: the name, what the checkpoint has and what this one has.
    case settings(String, saved: String?, now: String?)
    /// It is of another model.
    case model(StateError)
    /// It is of another optimizer.
    case optimizer(OptimizerStateError)
  }

  /// Whether the file is not what was once written: cut short, changed, or none of ours.
  public var isDamage: Bool {
    switch problem {
    case .file(let error):
      if case .unreadable = error.problem { false } else { true }
    case .foreign, .damaged, .invalid: true
    case .newer, .settings, .model, .optimizer: false
    }
  }

  /// The file, what is wrong, and what to do.
  public var description: String {
    switch problem {
    case .file(let error): "\(error)"
    case .foreign: "\(file): is no checkpoint; weights alone are loaded by load(from:) of a model"
    case .newer(let version):
      "\(file): has version \(version) of checkpoints, this library knows up to "
        + "\(CheckpointRecord.version); use a later one"
    case .damaged: "\(file): is not as it was written; use the checkpoint before"
    case .invalid(let rule): "\(file): \(rule)"
    case .settings(let name, let saved, let now):
      "\(file): was trained with \(name) \(saved ?? "not given"), and this training has it "
        + "\(now ?? "not given"); go on with what it was trained with"
    case .model(let error): "\(file): \(error)"
    case .optimizer(let error): "\(file): \(error)"
    }
  }
}
