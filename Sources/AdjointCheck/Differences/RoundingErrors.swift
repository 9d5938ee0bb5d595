import Adjoint

/// What gives each result a random rounding error: of half a unit in the last place of a precision, its own
/// unless given, or of so many times that.
func roundingErrors(
  in precision: DType? = nil, times factor: Double = 1, using generator: inout Philox
) -> @Sendable (Tensor) -> Tensor {
  let errors = Guarded(Philox(seed: generator.next()))
  return { result in
    guard result.dtype.isFloatingPoint else { return result }
    let normal = errors.withLock {
      Tensor.normal(
        result.shape, deviation: factor * (precision ?? result.dtype).epsilon / 2,
        dtype: result.dtype, using: &$0)
    }
    let error = result * normal
    return (result + error).select(where: error.magnitude() .< .infinity, otherwise: result)
  }
}
