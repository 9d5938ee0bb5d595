/// An operation with a hand-written kernel for what a composition of other operations computes.
///
/// The composition is the definition: what the kernel is tested against, what a program recognises,
/// and the way to every derivative that the hand-derived pullback does not give.
public protocol FusedOperation: Operation {
  /// The definition in ordinary operations: the same outputs from the same inputs.
  func composed(_ inputs: [Tensor]) -> [Tensor]

  /// The spellings by which the operation is recognised in what others have written: the definition,
  /// and those that authors use. Each computes the same outputs up to rounding.
  var patterns: [@Sendable ([Tensor]) -> [Tensor]] { get }

  /// The hand-derived pullback, and whether it is right for the cotangents that there are and the
  /// gradients that are wanted: ``Pullback/hasCotangent(_:)``, ``Pullback/wants(_:)``.
  ///
  /// If not, the composition is recorded and differentiated for the inputs that it has not set.
  func fusedPullback(_ rule: inout Pullback) -> Bool
}

extension FusedOperation {
  public var patterns: [@Sendable ([Tensor]) -> [Tensor]] { [composed] }

  public func fusedPullback(_ rule: inout Pullback) -> Bool { false }

  /// The hand-derived pullback where it applies, and that of the composition for the rest.
  public func pullback(_ rule: inout Pullback) {
    if !fusedPullback(&rule) { rule.setRest(byDifferentiating: composed) }
  }
}
