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

/// What the names of tensors begin with.
private enum Prefix {
  static let model = "model."
  static let optimizer = "optimizer."
}

extension TrainingState {
  /// Writes the training as a checkpoint: a safetensors file.
  ///
  /// Its tensors are the model's, as `model.hidden.weight`, and the optimizer's, as
  /// `optimizer.means.hidden.weight`; all else is JSON among its metadata, with a checksum of everything.
  /// Whatever fails, an old file of the name is as before.
  public func save(to file: URL) throws(CheckpointError) {
    var tensors: [String: Tensor] = [:]
    for (name, tensor) in model.state.dictionary { tensors[Prefix.model + name] = tensor }
    let (paths, state) = (model.tensors(.parameter).map(\.path), optimizer.state)
    for (list, members) in state.perParameter {
      for (path, tensor) in zip(paths, members) {
        tensors[Prefix.optimizer + "\(list).\(path)"] = tensor.detached
      }
    }
    for (list, members) in state.tensors {
      for (number, tensor) in members.enumerated() {
        tensors[Prefix.optimizer + "\(list).\(number)"] = tensor.detached
      }
    }
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
    let name = file.lastPathComponent
    func failure(_ problem: CheckpointError.Problem) -> CheckpointError {
      CheckpointError(file: name, problem: problem)
    }
    let (record, tensors): (CheckpointRecord, [String: Tensor])
    switch Self.contents(of: file) {
    case .success(let itsRecord, let itsTensors): (record, tensors) = (itsRecord, itsTensors)
    case .failure(let problem): throw failure(problem)
    }
    for setting in Set(settings.keys).union(record.settings.keys).sorted()
    where settings[setting] != record.settings[setting] {
      throw failure(
        .settings(setting, saved: record.settings[setting], now: settings[setting]))
    }
    var loaded = self
    do { try loaded.model.load(ModelState(tensors.under(Prefix.model))) } catch {
      throw failure(.model(error))
    }
    let parts = tensors.under(Prefix.optimizer)
    let (state, unused) = OptimizerState.of(
      parts, optimizer.state, numbers: record.optimizerNumbers,
      paths: model.tensors(.parameter).map(\.path))
    guard record.optimizer == "\(Rule.self)" else {
      throw failure(
        .invalid("is of the optimizer \(record.optimizer), not of \(Rule.self); go on with that"))
    }
    do { try loaded.optimizer.load(state, for: loaded.model) } catch {
      throw failure(.optimizer(error))
    }
    let strangers =
      unused
      + tensors.keys.filter { !$0.hasPrefix(Prefix.model) && !$0.hasPrefix(Prefix.optimizer) }
    if let stranger = strangers.min() {
      throw failure(.invalid("has \(stranger.quoted), which is no part of the training"))
    }
    loaded.set(record)
    self = loaded
  }

  /// What a file holds.
  private enum Contents {
    case success(CheckpointRecord, [String: Tensor])
    case failure(CheckpointError.Problem)
  }

  /// What a file holds, once it is known to be what was written.
  private static func contents(of file: URL) -> Contents {
    do throws(FileError) {
      let contents = try Safetensors.read(file)
      var metadata = contents.metadata
      guard let text = metadata[Key.version], let version = Int(text) else {
        return .failure(.foreign)
      }
      guard version <= CheckpointRecord.version else { return .failure(.newer(version: version)) }
      let tensors = try contents.tensors()
      let checksum = metadata.removeValue(forKey: Key.checksum)
      guard checksum == CRC64.of(tensors, metadata), try Self.isCanonical(file) else {
        return .failure(.damaged)
      }
      guard let record = metadata[Key.training].flatMap(CheckpointRecord.init(json:)) else {
        return .failure(.invalid("has no account of the training that makes sense"))
      }
      return .success(record, tensors)
    } catch {
      return .failure(.file(error))
    }
  }

  /// Whether the header of a file is free of bytes that no writer of ours puts there, and no reader
  /// heeds: tabs and ends of lines.
  private static func isCanonical(_ file: URL) throws(FileError) -> Bool {
    let source = try ByteSource(file)
    let length = try source.bytes(0..<8).reversed().reduce(0) { $0 << 8 | Int($1) }
    return try source.bytes(8..<8 + length).allSatisfy { $0 >= UInt8(ascii: " ") }
  }

  private mutating func set(_ record: CheckpointRecord) {
    (epoch, batch, step) = (record.epoch, record.batch, record.step)
    generator = record.generator.generator
    generators = record.generators.mapValues(\.generator)
    (means, history, stepHistory) = (record.means, record.history, record.stepHistory)
  }
}

extension [String: Tensor] {
  /// Those whose names begin so, without it.
  fileprivate func under(_ prefix: String) -> [String: Tensor] {
    let named = filter { $0.key.hasPrefix(prefix) }
    return Dictionary(
      uniqueKeysWithValues: named.map { (String($0.key.dropFirst(prefix.count)), $0.value) })
  }
}

extension OptimizerState {
  /// A state with the lists that another one has, of tensors by name, and the names that are none of its
  /// own.
  fileprivate static func of(
    _ parts: [String: Tensor], _ own: OptimizerState, numbers: [String: Double], paths: [String]
  ) -> (OptimizerState, unused: [String]) {
    var (state, unused) = (OptimizerState(numbers: numbers), Set(parts.keys))
    func members(_ names: some Sequence<String>) -> [Tensor] {
      var members: [Tensor] = []
      for name in names {
        guard let tensor = parts[name] else { break }
        unused.remove(name)
        members.append(tensor)
      }
      return members
    }
    for list in own.perParameter.keys {
      state.perParameter[list] = members(paths.lazy.map { "\(list).\($0)" })
    }
    for list in own.tensors.keys {
      state.tensors[list] = members((0..<parts.count).lazy.map { "\(list).\($0)" })
    }
    return (state, unused.map { Prefix.optimizer + $0 })
  }
}
