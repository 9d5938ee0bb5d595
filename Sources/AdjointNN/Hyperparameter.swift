import Adjoint

/// Stops at a number that a layer or an optimizer cannot work with: outside of its range, or NaN.
/// - Parameter what: who has the number, and what it is called there.
func requireWithin(
  _ value: Double, _ least: Double, _ most: Double, _ what: @autoclosure () -> String
) {
  guard !(least...most).contains(value) else { return }
  let end =
    most == .greatestFiniteMagnitude
    ? "on" : most == 1.0.nextDown ? "to below 1" : "to \(most)"
  stop("\(what()) is \(value); give a number from \(least) \(end)")
}

/// Stops at an element type that parameters cannot have.
func requireParameters(of dtype: DType, _ layer: @autoclosure () -> String) {
  require(
    dtype.isFloatingPoint,
    "\(layer()): \(dtype) has no gradient; make parameters of float32 or float64")
}
