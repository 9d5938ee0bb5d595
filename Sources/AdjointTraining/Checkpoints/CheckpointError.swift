import Adjoint
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
    /// It has a tensor that is no part of the training; the name.
    case unexpected(String)
    /// The training was told otherwise: the name, what the checkpoint has and what this one has.
    case settings(String, saved: String?, now: String?)
    /// It is of another model.
    case model(StateError)
    /// It is of an optimizer of another type: that of the checkpoint, and this one's.
    case otherOptimizer(saved: String, now: String)
    /// It is of an optimizer with another state.
    case optimizer(OptimizerStateError)
    /// What is kept of a parameter of a group is of another type than it, or is not there; its name.
    case parameterState(String, saved: TensorType?, parameter: TensorType)
  }

  /// Whether the file is not what was once written: cut short, changed, or none of ours.
  public var isDamage: Bool {
    switch problem {
    case .file(let error):
      if case .unreadable = error.problem { false } else { true }
    case .foreign, .damaged, .invalid: true
    case .newer, .settings, .model, .unexpected, .otherOptimizer, .optimizer, .parameterState:
      false
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
    case .unexpected(let name):
      "\(file): has \(name.quoted), which is no part of the training; go on with what was saved"
    case .settings(let name, let saved, let now):
      "\(file): was trained with \(name) \(saved ?? "not given"), and this training has it "
        + "\(now ?? "not given"); go on with what it was trained with"
    case .model(let error): "\(file): \(error)"
    case .otherOptimizer(let saved, let now):
      "\(file): is of the optimizer \(saved.quoted), not of \(now); go on with that"
    case .optimizer(let error): "\(file): \(error)"
    case .parameterState(let name, let saved, let parameter):
      "\(file): has \(saved.map { "\($0)" } ?? "nothing") as \(name.quoted), and the parameter is \(parameter); "
        + "make the groups as they were"
    }
  }
}
