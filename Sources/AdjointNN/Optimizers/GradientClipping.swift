import Adjoint

extension Module {
  /// The Euclidean norm of all parameters together, √Σp²: of a gradient, its length.
  ///
  /// No square overflows or vanishes; NaN or infinite if a parameter is, or the norm more than 1.8·10³⁰⁸.
  public var globalNorm: Double {
    let norms = parameters.map { parameter in
      parameter.requireFloatingPoint("globalNorm")
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
  /// A gradient that is not finite has no direction, and stays as it is. One whose norm is more than float64 holds has,
  /// and is shortened.
  /// - Returns: the norm that it had, which then is infinite.
  /// - Precondition: the limit is positive.
  ///
  /// Source: Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks"
  /// (2013), algorithm 1.
  @discardableResult
  public mutating func clip(toNorm limit: Double) -> Double {
    require(limit > 0, "clip: the norm is to be \(limit) at most; give a positive number")
    let norm = globalNorm
    guard norm > limit else { return norm }
    guard norm.isFinite else {
      clipShares(toNorm: limit)
      return norm
    }
    let factor = limit / norm
    changeParameters { parameter in
      // The factor may be too small for float32 where the elements are not.
      factor > 0x1p-120
        ? parameter * factor
        : (parameter.cast(to: .float64) / norm * limit).cast(to: parameter.dtype)
    }
    return norm
  }

  /// Shortens a gradient whose norm is more than float64 holds, unless an element is infinite: in shares of the largest
  /// one.
  private mutating func clipShares(toNorm limit: Double) {
    let largest = parameters.reduce(0) { $1.count > 0 ? max($0, Double($1.magnitude().max())) : $0 }
    guard largest.isFinite else { return }
    var shares = self
    shares.changeParameters { $0.cast(to: .float64) / largest }
    let norm = shares.globalNorm
    changeParameters { ($0.cast(to: .float64) / largest / norm * limit).cast(to: $0.dtype) }
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
