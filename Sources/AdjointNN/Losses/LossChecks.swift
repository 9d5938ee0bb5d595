import Adjoint

/// Stops unless two operands of a loss are floating-point and of one type: one that would be broadcast is most often a
/// mistake.
func requireSameType(
  _ a: Tensor, _ b: Tensor, _ aName: String, _ bName: String, _ loss: String
) {
  require(
    a.type == b.type,
    "\(loss): \(aName) is \(a.type), \(bName) \(b.type); "
      + "give them one \(a.shape == b.shape ? "element type" : "shape")")
  a.requireFloatingPoint(loss)
}

/// Stops at a number that is not positive and finite.
func requirePositive(_ value: Double, _ what: @autoclosure () -> String) {
  require(
    value > 0 && value.isFinite, "\(what()) is \(value); give a positive number")
}
