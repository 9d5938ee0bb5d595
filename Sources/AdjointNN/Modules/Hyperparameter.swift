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

/// Stops at a share of an average that is kept unless it is from 0 to below 1.
func requireShare(_ value: Double, _ what: @autoclosure () -> String) {
  requireWithin(value, 0, 1.0.nextDown, what())
}

/// Stops at a number that keeps a divisor from 0 unless it does, in the element type of the parameters.
func requireDivisor(_ value: Double, for parameters: [Tensor], _ what: @autoclosure () -> String) {
  requireWithin(value, 0, .greatestFiniteMagnitude, what())
  for dtype in [DType.float32, .float64] where dtype == .float32 ? Float(value) == 0 : value == 0 {
    require(
      !parameters.contains { $0.dtype == dtype },
      "\(what()) is \(value), which is 0 in \(dtype), and 0/0 unknown; give a positive number, as 1e-8"
    )
  }
}

/// Stops at a number that is added to the root of squares unless what is lost of squares, where they vanish in the
/// element type of the parameters, is little beside it.
func requireDivisorBesideRoots(
  _ value: Double, for parameters: [Tensor], _ what: @autoclosure () -> String
) {
  requireDivisor(value, for: parameters, what())
  for (dtype, least) in [(DType.float32, 1e-18), (.float64, 1e-150)] where value < least {
    require(
      !parameters.contains { $0.dtype == dtype },
      "\(what()) is \(value); squares of gradients of that size vanish in \(dtype), and steps would grow as they do: "
        + "give \(least) or more, and multiply the loss by a number if gradients are so small")
  }
}

/// Stops at an element type that parameters cannot have.
func requireParameters(of dtype: DType, _ layer: @autoclosure () -> String) {
  require(
    dtype.isFloatingPoint,
    "\(layer()): \(dtype) has no gradient; make parameters of float32 or float64")
}
