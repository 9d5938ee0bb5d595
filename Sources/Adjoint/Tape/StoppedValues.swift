import Synchronization

/// Values of one call of a function whose gradient is stopped, in the order in which they are recorded.
///
/// Where they are held, the function has them for constants at whatever point it is called: its derivative is then
/// what its gradient is meant to be.
package final class StoppedValues: Sendable {
  private let values: [Tensor]
  private let areByDefinition: Bool
  private let place = Atomic(0)

  init(_ values: [Tensor], areByDefinition: Bool) {
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
