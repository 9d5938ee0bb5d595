import Adjoint
import AdjointNN
import Foundation

/// Where the time of a step goes: by operation, and by layer, forwards and backwards.
///
/// ```swift
/// print(StepProfile(of: &model) { softmaxCrossEntropy($0(images, .training), labels) })
/// ```
///
/// The step is recorded and its operations run one after another, each with a clock: a stopwatch in the code of
/// a model would find nothing, as all that it does is recorded there. What the optimizer does is not in it.
public struct StepProfile: Sendable, CustomStringConvertible {
  /// What was counted under a name.
  public struct Row: Sendable, Equatable {
    /// An operation; or a layer, with the path of its parameters.
    public let name: String
    /// How many operations ran.
    public internal(set) var calls = 0
    /// How many of these on the way back.
    public internal(set) var backwardCalls = 0
    /// How many seconds they took.
    public internal(set) var seconds = 0.0
    /// How many of these on the way back.
    public internal(set) var backwardSeconds = 0.0
    /// How many bytes their operands and results have.
    public internal(set) var byteCount = 0
  }

  /// By operation, the longest first.
  public let operations: [Row]
  /// By layer, the longest first; what is in no layer together.
  ///
  /// What the rules of a layer's operations have recorded for the way back is the layer's.
  public let layers: [Row]
  /// The seconds of all together.
  public let seconds: Double

  /// Measures a step of a model, which stays as it is: the means of some repetitions, after one that does
  /// not count.
  /// - Precondition: there is one repetition or more.
  public init<Model: Module>(
    of model: inout Model, repetitions: Int = 3, _ loss: (inout Model) throws -> Tensor
  ) rethrows {
    require(repetitions > 0, "StepProfile: \(repetitions) repetitions; give 1 or more")
    let step = try RecordedStep(of: model, loss)
    var (operations, layers): ([String: Row], [String: Row]) = ([:], [:])
    for repetition in 0...repetitions {
      step.tape.runEach(for: step.results, looking: false) { run in
        guard repetition > 0 else { return }
        let place = step.place(of: run)
        let layer = place.isEmpty ? "outside of layers" : place
        let isBackward = step.isBackward(run)
        operations[run.operation, default: Row(name: run.operation)].count(run, isBackward)
        layers[layer, default: Row(name: layer)].count(run, isBackward)
      }
    }
    func sorted(_ rows: [String: Row]) -> [Row] {
      rows.values.map { $0.divided(by: repetitions) }.sorted {
        ($1.seconds, $0.name) < ($0.seconds, $1.name)
      }
    }
    (self.operations, self.layers) = (sorted(operations), sorted(layers))
    seconds = self.operations.reduce(0) { $0 + $1.seconds }
  }

  /// Two tables: calls, milliseconds forwards and backwards, share and megabytes.
  public var description: String {
    table("operation", operations) + "\n" + table("layer", layers)
  }

  private func table(_ heading: String, _ rows: [Row]) -> String {
    let lines = rows.map { row in
      let share = seconds > 0 ? row.seconds / seconds * 100 : 0
      return [
        row.name, "\(row.calls)",
        String(format: "%.3f", (row.seconds - row.backwardSeconds) * 1e3),
        String(format: "%.3f", row.backwardSeconds * 1e3), String(format: "%.1f %%", share),
        String(format: "%.2f", Double(row.byteCount) / 1e6),
      ]
    }
    let header = [heading, "calls", "forward ms", "backward ms", "share", "MB"]
    return ([header] + lines).aligned(texts: 1) + "\n"
  }
}

extension StepProfile.Row {
  fileprivate mutating func count(_ run: EntryRun, _ isBackward: Bool) {
    calls += 1
    seconds += run.duration / .seconds(1)
    byteCount += run.byteCount
    guard isBackward else { return }
    backwardCalls += 1
    backwardSeconds += run.duration / .seconds(1)
  }

  fileprivate func divided(by count: Int) -> StepProfile.Row {
    StepProfile.Row(
      name: name, calls: calls / count, backwardCalls: backwardCalls / count,
      seconds: seconds / Double(count), backwardSeconds: backwardSeconds / Double(count),
      byteCount: byteCount / count)
  }
}
