import Synchronization

/// Values of one call of a function whose gradient is stopped, in the order in which they are recorded.
///
/// Where they are held, the function has them for constants at whatever point it is called: its derivative is then
/// what its gradient is meant to be.
package final class StoppedValues: Sendable {
  private let values: [Tensor]
  private let areByDefinition: Bool
  private let place = Atomic(0)

  fileprivate init(_ values: [Tensor], areByDefinition: Bool) {
    (self.values, self.areByDefinition) = (values, areByDefinition)
  }

  /// The same values for another call.
  var fromTheStart: StoppedValues { StoppedValues(values, areByDefinition: areByDefinition) }

  /// What takes the place of the next value; nil if that is not held.
  func next(byDefinition: Bool) -> Tensor? {
    guard byDefinition || !areByDefinition else { return nil }
    let number = place.add(1, ordering: .relaxed).oldValue
    return number < values.count ? values[number] : nil
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
