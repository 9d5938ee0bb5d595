/// An operation with a hand-written kernel for what a composition of other operations computes.
///
/// The composition is the definition: what the kernel is tested against, and the way to every
/// derivative that the hand-derived pullback does not give. That pullback says which cotangents it
/// handles; for others the composition is recorded and differentiated instead.
public protocol FusedOperation: Operation {
  /// The definition in ordinary operations: the same outputs from the same inputs.
  func composed(_ inputs: [Tensor]) -> [Tensor]

  /// Whether ``fusedPullback(_:)`` is right when just the given outputs have a cotangent.
  func handles(cotangentsOf outputs: [Bool]) -> Bool

  /// The hand-derived pullback. Called only for the cotangents that it handles.
  func fusedPullback(_ rule: inout Pullback)
}

extension FusedOperation {
  /// By default all: an operation with one output.
  public func handles(cotangentsOf outputs: [Bool]) -> Bool { true }

  /// The hand-derived pullback where it applies, else that of the composition.
  public func pullback(_ rule: inout Pullback) {
    if handles(cotangentsOf: (0..<rule.outputCount).map { rule.hasCotangent($0) }) {
      fusedPullback(&rule)
    } else {
      rule.setAll(byDifferentiating: composed)
    }
  }
}
