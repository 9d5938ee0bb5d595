import Adjoint
import AdjointData
import AdjointNN
import Foundation

/// The keys of a checkpoint among a file's metadata.
private enum Key {
  static let version = "adjoint.checkpoint"
  static let training = "adjoint.training"
  static let checksum = "adjoint.checksum"
}

extension TrainingState {
  /// Writes the training as a checkpoint: a safetensors file.
  ///
  /// Its tensors are the model's, as `model.hidden.weight`, and the optimizer's, as
  /// `optimizer.means.hidden.weight`; all else is JSON among its metadata, with a checksum of everything.
  /// Whatever fails, an old file of the name is as before.
  public func save(to file: URL) throws(CheckpointError) {
    let tensors = tensors
    do {
      var metadata = [
        Key.version: "\(CheckpointRecord.version)", Key.training: try CheckpointRecord(self).json,
      ]
      metadata[Key.checksum] = CRC64.of(tensors, metadata)
      try Safetensors.write(tensors, metadata: metadata, to: file)
    } catch let error as FileError {
      throw CheckpointError(file: file.lastPathComponent, problem: .file(error))
    } catch {
      throw CheckpointError(
        file: file.lastPathComponent, problem: .invalid("\(error.localizedDescription)"))
    }
  }

  /// Sets the training to what a checkpoint holds, to go on bit for bit.
  ///
  /// The model and the optimizer have to be made as they were for the training that was saved: their tensors
  /// and numbers are set. If anything does not fit, nothing is changed.
  public mutating func load(from file: URL) throws(CheckpointError) {
    let source: ByteSource
    do throws(FileError) { source = try ByteSource(file) } catch {
      throw CheckpointError(file: file.lastPathComponent, problem: .file(error))
    }
    try load(source)
  }

  /// Sets the training to what the bytes of a checkpoint hold.
  mutating func load(_ source: ByteSource) throws(CheckpointError) {
    let contents = try source.checkpoint
    for setting in Set(settings.keys).union(contents.record.settings.keys).sorted()
    where settings[setting] != contents.record.settings[setting] {
      throw source.failure(
        .settings(setting, saved: contents.record.settings[setting], now: settings[setting]))
    }
    guard contents.record.optimizer == "\(Rule.self)" else {
      throw source.failure(
        .otherOptimizer(saved: contents.record.optimizer, now: "\(Rule.self)"))
    }
    var loaded = self
    do { try loaded.model.load(modelState(in: contents.tensors)) } catch {
      throw source.failure(.model(error))
    }
    let state = try optimizerState(
      in: contents.tensors, numbers: contents.record.optimizerNumbers, file: source.name)
    do { try loaded.optimizer.load(state, for: model) } catch {
      throw source.failure(.optimizer(error))
    }
    if let stranger = Set(contents.tensors.keys).subtracting(loaded.tensors.keys).min() {
      throw source.failure(.unexpected(stranger))
    }
    loaded.set(contents.record)
    self = loaded
  }

  private mutating func set(_ record: CheckpointRecord) {
    (epoch, batch, step) = (record.epoch, record.batch, record.step)
    generator = record.generator.generator
    generators = record.generators.mapValues(\.generator)
    (means, history, stepHistory) = (record.means, record.history, record.stepHistory)
  }
}

extension ByteSource {
  /// What a checkpoint holds, once it is known to be what was written.
  fileprivate var checkpoint: (record: CheckpointRecord, tensors: [String: Tensor]) {
    get throws(CheckpointError) {
      let (file, tensors): (Safetensors, [String: Tensor])
      do throws(FileError) { file = try Safetensors(self) } catch { throw failure(.file(error)) }
      var metadata = file.metadata
      guard let text = metadata[Key.version], let version = Int(text) else {
        throw failure(.foreign)
      }
      guard version <= CheckpointRecord.version else { throw failure(.newer(version: version)) }
      let isCanonical: Bool
      do throws(FileError) {
        tensors = try file.tensors()
        isCanonical = try hasCanonicalHeader
      } catch { throw failure(.file(error)) }
      let checksum = metadata.removeValue(forKey: Key.checksum)
      guard checksum == CRC64.of(tensors, metadata), isCanonical else { throw failure(.damaged) }
      guard let record = metadata[Key.training].flatMap(CheckpointRecord.init(json:)) else {
        throw failure(.invalid("has no account of the training that makes sense"))
      }
      return (record, tensors)
    }
  }

  /// Whether the header of a safetensors file is free of bytes that no writer of ours puts there, and no reader
  /// heeds: tabs and ends of lines.
  private var hasCanonicalHeader: Bool {
    get throws(FileError) {
      let length = try bytes(0..<8).reversed().reduce(0) { $0 << 8 | Int($1) }
      return try bytes(8..<8 + length).allSatisfy { $0 >= UInt8(ascii: " ") }
    }
  }

  fileprivate func failure(_ problem: CheckpointError.Problem) -> CheckpointError {
    CheckpointError(file: name, problem: problem)
  }
}
