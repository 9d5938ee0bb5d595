import Adjoint
import AdjointNN

/// A step of a model on a tape of its own, forwards and backwards, to be looked at entry by entry.
struct RecordedStep {
  let tape: Tape
  /// The loss, the gradients and what the model has changed, all on the tape.
  let results: [Tensor]
  /// How many entries there are before the way back.
  private let forwardCount: Int

  /// Records the loss of a model and its gradient; nothing is computed.
  init<Model: Module>(
    of model: Model, _ loss: (inout Model) throws -> Tensor
  ) rethrows {
    let tape = Tape.forListing()
    var (copy, watched): (Model, [Tensor]) = (model, [])
    var names = model.tensors(.parameter).map(\.path)[...]
    copy.leaves(besides: model.repeatedPlaces) { role, tensor in
      guard role == .parameter else { return }
      tensor = tape.watch(tensor, name: names.popFirst())
      watched.append(tensor)
    }
    let value = tape.constant(try loss(&copy))
    let count = tape.entryCount
    var results = [value] + tape.gradients(of: value, with: watched, recording: true)
    copy.leaves(besides: model.repeatedPlaces) { role, tensor in
      if role == .buffer, tensor.tape != nil { results.append(tensor) }
    }
    (self.tape, self.results, forwardCount) = (tape, results, count)
  }

  /// Where an entry is: its groups, and the path of the module whose parameters are read there, as in
  /// `Linear (hidden.0.linear)`; empty if neither is known.
  func place(of run: EntryRun) -> String {
    let groups = run.groups.joined(separator: " › ")
    let path =
      run.parameter.map { $0.split(separator: ".").dropLast().joined(separator: ".") } ?? ""
    return groups.isEmpty ? path : groups + (path.isEmpty ? "" : " (\(path))")
  }

  /// Whether an entry is on the way back.
  func isBackward(_ run: EntryRun) -> Bool { run.index >= forwardCount }
}
