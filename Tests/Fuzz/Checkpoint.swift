// The reader of checkpoints, on a training that has every kind of state.

import Adjoint
import AdjointNN
import Foundation

/// A model with parameters, running statistics, a count and a random key.
private struct Model: Layer {
  var linear: Linear
  var norm = BatchNorm(1)
  var dropout: Dropout

  init() {
    var generator = Philox(seed: 1)
    linear = Linear(2, 1, using: &generator)
    dropout = Dropout(rate: 0.5, using: &generator)
  }

  mutating func visit(_ visitor: inout Visitor) {
    visitor.child("linear", &linear)
    visitor.child("norm", &norm)
    visitor.child("dropout", &dropout)
  }

  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    dropout(norm(linear(x, mode), mode), mode)
  }
}

private typealias Training<Rule: Optimizer> = TrainingState<Model, Rule>

/// Trainings of two kinds of optimizers: one of parameters, and one of groups of them.
private let plain = Training(
  Model(), SGD(learningRate: 0.1, momentum: 0.9), generator: Philox(seed: 2))
private let grouped = Training(
  Model(),
  ParameterGroups(of: Model(), Adam()) { path, _, own in
    if path.hasPrefix("norm.") { own.learningRate = 0.5 }
  }, generator: Philox(seed: 3))

extension TrainingState where Model == Fuzz.Model {
  /// Takes a few steps.
  fileprivate func trained() -> TrainingState {
    var training = self
    let x = Tensor([[1, 2], [3, 5], [0, 1]])
    for _ in 0..<2 {
      let (loss, gradient) = valueAndGradient(of: &training.model) { $0(x, .training).sum() }
      training.optimizer.update(&training.model, along: gradient)
      training.means.add("loss", Double(loss))
      training.finishStep()
    }
    training.generators["noise"] = Philox(seed: 4)
    training.history.record(epoch: 0, step: 2, [("loss", .nan), ("x", 1 / 3)])
    return training
  }

  /// Reads a checkpoint. What is taken is saved and read again the same, and what is not changes nothing.
  fileprivate func read(_ bytes: [UInt8]) throws(FileError) {
    var training = self
    do throws(CheckpointError) { try training.load(ByteSource(bytes, name: "fuzz")) } catch {
      require(!error.description.isEmpty, "fuzz: an error without words")
      require(training.tensors == tensors, "fuzz: an error that has changed something")
      return
    }
    _ = training.model.predict(Tensor([[1, 2]]))
    var next = training
    next.finishStep()
    next.means.add("loss", 1)
    next.history.record(epoch: 1, step: 1, [("loss", 1)])
    _ = (next.history.csv, next.history.json, next.means.means, next.history.best(.lowest, "loss"))
    let file = FileManager.default.temporaryDirectory.appending(path: "fuzz-\(getpid())")
    defer { try? FileManager.default.removeItem(at: file) }
    var again = self
    do throws(CheckpointError) {
      try training.save(to: file)
      try again.load(from: file)
    } catch { stop("fuzz: what was read is not read again: \(error)") }
    // Bit by bit, as NaN differs from itself.
    require(
      CRC64.of(again.tensors, [:]) == CRC64.of(training.tensors, [:])
        && again.step == training.step && again.history.csv == training.history.csv,
      "fuzz: what was read is saved otherwise")
  }
}

/// Reads bytes as they are, and as one would make them who knows how the checksum is computed.
func readCheckpoint(_ bytes: [UInt8]) throws(FileError) {
  for bytes in [bytes, sealed(bytes)].compactMap(\.self) {
    try plain.read(bytes)
    try grouped.read(bytes)
  }
}

/// The bytes with the checksum of what they hold; nil if they have no place for it.
private func sealed(_ bytes: [UInt8]) -> [UInt8]? {
  let key = Array("\"adjoint.checksum\":\"".utf8)
  guard let file = try? Safetensors.decode(bytes, name: "fuzz"),
    let tensors = try? file.tensors(), let text = file.metadata["adjoint.checksum"],
    let place = bytes.indices.first(where: { bytes[$0...].starts(with: key) })
  else { return nil }
  var metadata = file.metadata
  metadata["adjoint.checksum"] = nil
  let start = place + key.count
  var sealed = bytes
  guard bytes[start...].starts(with: text.utf8), text.utf8.count == 16 else { return nil }
  sealed.replaceSubrange(start..<start + 16, with: CRC64.of(tensors, metadata).utf8)
  return sealed
}

/// Writes the checkpoints that are in Corpus: of both trainings, before and after steps.
func writeCheckpoints(to folder: URL) throws {
  try plain.save(to: folder.appending(path: "plain"))
  try plain.trained().save(to: folder.appending(path: "plain-trained"))
  try grouped.save(to: folder.appending(path: "grouped"))
  try grouped.trained().save(to: folder.appending(path: "grouped-trained"))
}
