/// An operation that can tell by how much its result changes to more digits than the difference of two
/// results has.
///
/// A share of a softmax that is nearly 1 hardly moves beside its size: the difference of two such shares
/// is rounding, though how much they change is as exact as the changes of the logits are.
package protocol ExactlyChangingOperation: Operation {
  /// Whether it can, as its attributes say.
  var changesExactly: Bool { get }
  /// The change of output 0, for changes of the inputs between two calls; NaN where the difference of the
  /// results is as good, and nil if it is so everywhere.
  func change(from before: [Tensor], to after: [Tensor], by changes: [Tensor]) -> Tensor?
}

extension ExactlyChangingOperation {
  package var changesExactly: Bool { true }
}
