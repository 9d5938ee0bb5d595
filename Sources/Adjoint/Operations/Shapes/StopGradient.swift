/// The same value, through which no gradient passes.
///
///     x: [A…]   →   [A…]
///
/// Pullback: x̄ = 0.
struct StopGradient: Operation {
  var name: String { "stopGradient" }
  /// Whether the value is a constant by what the function is, as a gradient checker takes it for.
  let isDefinition: Bool
  var elementTypes: ElementTypes { .all }
  var reads: Reads { .nothing }
  var attributes: String { isDefinition ? "by definition" : "" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
  func repetition(of input: TensorType) -> Repetition? { .none(of: input) }

  func pullback(_ rule: inout Pullback) {}

  static var samples: [Sample] {
    [
      Sample("matrix", StopGradient(isDefinition: false), [.sample([2, 3])], isSmooth: false),
      Sample("by definition", StopGradient(isDefinition: true), [.sample([2])], isSmooth: false),
    ]
  }
}

extension Tensor {
  /// Returns the same value as a constant for gradients, recorded on its tape and computed when
  /// needed.
  ///
  /// Pullback: x̄ = 0.
  ///
  /// - Parameter byDefinition: whether the gradient is meant to be that of a function with this constant in it, as of
  ///   a straight-through estimator. To the value it makes no difference; a gradient checker holds it constant too,
  ///   where it otherwise finds the gradient wrong.
  public func stoppingGradient(byDefinition: Bool = false) -> Tensor {
    tape?.ownership.holding?.next(byDefinition: byDefinition)
      ?? StopGradient(isDefinition: byDefinition)(self)
  }
}

extension Tape {
  /// The values on the tape whose gradient is stopped: all, or those by definition only; nil if there are none.
  package func stoppedValues(byDefinition: Bool) -> StoppedValues? {
    let (home, graph) = (home, graph)
    let values = graph.entries.compactMap { entry -> Tensor? in
      guard let stop = entry.operation as? StopGradient, stop.isDefinition || !byDefinition else {
        return nil
      }
      let number = entry.outputs.lowerBound
      return Tensor(graph.types[number], .recorded(home, number: number)).detached
    }
    return values.isEmpty ? nil : StoppedValues(values, areByDefinition: byDefinition)
  }
}
