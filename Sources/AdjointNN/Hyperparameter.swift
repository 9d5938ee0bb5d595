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
  let kind = value.isInfinite && end == "on" ? "finite number" : "number"
  stop("\(what()) is \(value); give a \(kind) from \(least) \(end)")
}

/// Stops at a factor of parameters or gradients that is not 0 or more, or not finite in their element type.
func requireFactor(
  _ value: Double, for parameters: [Tensor], _ what: @autoclosure () -> String
) {
  requireWithin(value, 0, .greatestFiniteMagnitude, what())
  guard Float(value).isInfinite, parameters.contains(where: { $0.dtype == .float32 }) else {
    return
  }
  stop("\(what()) is \(value), which is infinite in float32; give a smaller number, or use float64")
}

/// Stops at an element type that parameters cannot have.
func requireParameters(of dtype: DType, _ layer: @autoclosure () -> String) {
  require(
    dtype.isFloatingPoint,
    "\(layer()): \(dtype) has no gradient; make parameters of float32 or float64")
}
