/// The table of operations. Tests, the gradient checker and the reference pages walk it.
///
/// Each folder lists its own; a test fails when a type of this package conforms to ``Operation`` and is
/// missing.
public enum Operations {
  /// Every operation, in the order of the folders.
  public static let all: [any Operation.Type] =
    pointwise + reductions + shapes + indexing + products + convolutions + pooling + normalization
    + losses + random + optimizers
}
