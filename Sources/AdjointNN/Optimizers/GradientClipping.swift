import Adjoint

extension Module {
  /// The Euclidean norm of all parameters together, √Σp²: of a gradient, its length.
  ///
  /// No square overflows or vanishes; NaN or infinite if a parameter is.
  public var globalNorm: Double {
    let norms = parameters.map { parameter in
      let norm = Double(parameter.norm())
      // Float32 may hold all elements, and not their norm, or not all of its digits.
      return parameter.dtype == .float64 || (0x1p-120..<(.infinity)).contains(norm)
        ? norm : Double(parameter.cast(to: .float64).norm())
    }
    guard let largest = norms.max(), largest > 0, largest.isFinite else {
      return norms.reduce(0, +)
    }
    return largest * norms.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
  }

  /// Shortens a gradient whose norm is above a limit to that limit: g ← g·limit/‖g‖, over all parameters
  /// together, so that its direction stays.
  ///
  ///     let norm = gradient.clip(toNorm: 1)
  ///
  /// A gradient that is not finite has no direction, and stays as it is.
  /// - Returns: the norm that it had.
  /// - Precondition: the limit is positive.
  ///
  /// Source: Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks"
  /// (2013), algorithm 1.
  @discardableResult
  public mutating func clip(toNorm limit: Double) -> Double {
    require(limit > 0, "clip: the norm is to be \(limit) at most; give a positive number")
    let norm = globalNorm
    guard norm > limit, norm.isFinite else { return norm }
    let factor = limit / norm
    changeParameters { parameter in
      // The factor may be too small for float32 where the elements are not.
      factor > 0x1p-120
        ? parameter * factor
        : (parameter.cast(to: .float64) / norm * limit).cast(to: parameter.dtype)
    }
    return norm
  }

  /// Clips each element of a gradient: g ← min(max(g, −limit), limit).
  ///
  /// NaN stays NaN.
  /// - Precondition: the limit is positive.
  public mutating func clip(toValue limit: Double) {
    require(limit > 0, "clip: values are to be \(limit) at most; give a positive number")
    changeParameters { $0.clamped(to: -limit...limit) }
  }

  /// Replaces each parameter, once however often it is named.
  mutating func changeParameters(_ change: (Tensor) -> Tensor) {
    leaves(besides: repeatedPlaces) { role, tensor in
      if role == .parameter { tensor = change(tensor) }
    }
  }
}
