import Adjoint

// Activations with a curve.

/// x, or α·(eˣ − 1) where x is negative.
public struct ELU: StatelessLayer {
  /// α.
  public var alpha: Double
  /// Makes the layer.
  public init(alpha: Double = 1) { self.alpha = alpha }
  public func callAsFunction(_ x: Tensor) -> Tensor { speaking(as: "ELU") { x.elu(alpha: alpha) } }
}

/// x, or α·(e^(x/α) − 1) where x is negative.
public struct CELU: StatelessLayer {
  /// α.
  public var alpha: Double
  /// Makes the layer.
  public init(alpha: Double = 1) { self.alpha = alpha }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "CELU") { x.celu(alpha: alpha) }
  }
}

/// γ·x, or γ·α·(eˣ − 1) where x is negative, with the constants that keep mean 0 and variance 1.
public struct SELU: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { speaking(as: "SELU") { x.selu() } }
}

/// x·Φ(x), or its approximation by tanh.
public struct GELU: StatelessLayer {
  /// Whether it is the approximation.
  public var isApproximate: Bool
  /// Makes the layer.
  public init(approximate: Bool = false) { isApproximate = approximate }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "GELU") { x.gelu(approximate: isApproximate) }
  }
}

/// x·sigmoid(x).
public struct SiLU: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { speaking(as: "SiLU") { x.silu() } }
}

/// x·tanh(log(1 + eˣ)).
public struct Mish: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { speaking(as: "Mish") { x.mish() } }
}

/// 1/(1 + e⁻ˣ).
public struct Sigmoid: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { speaking(as: "Sigmoid") { x.sigmoid() } }
}

/// log(1/(1 + e⁻ˣ)), without overflow.
public struct LogSigmoid: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "LogSigmoid") { x.logSigmoid() }
  }
}

/// The hyperbolic tangent.
public struct Tanh: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { speaking(as: "Tanh") { x.tanh() } }
}

/// log(1 + eˣ), without overflow.
public struct Softplus: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { speaking(as: "Softplus") { x.softplus() } }
}

/// x/(1 + |x|).
public struct Softsign: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { speaking(as: "Softsign") { x.softsign() } }
}

/// eˣ/Σ eˣ along an axis.
public struct Softmax: StatelessLayer {
  /// The axis.
  public var axis: Int
  /// Makes the layer.
  public init(along axis: Int = -1) { self.axis = axis }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "Softmax") { x.softmax(along: axis) }
  }
}

/// e⁻ˣ/Σ e⁻ˣ along an axis.
public struct Softmin: StatelessLayer {
  /// The axis.
  public var axis: Int
  /// Makes the layer.
  public init(along axis: Int = -1) { self.axis = axis }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "Softmin") { x.softmin(along: axis) }
  }
}

/// x − log Σ eˣ along an axis.
public struct LogSoftmax: StatelessLayer {
  /// The axis.
  public var axis: Int
  /// Makes the layer.
  public init(along axis: Int = -1) { self.axis = axis }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "LogSoftmax") { x.logSoftmax(along: axis) }
  }
}

/// a·sigmoid(b), where a and b are the halves of x along an axis.
///
///     x: [N…, 2·D]   →   [N…, D]
///
/// Source: Dauphin, Fan, Auli & Grangier, "Language modeling with gated convolutional networks" (2017), §2.
public struct GLU: StatelessLayer {
  /// The axis.
  public var axis: Int
  /// Makes the layer.
  public init(along axis: Int = -1) { self.axis = axis }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let extent = x.rank == 0 ? 0 : x.shape[axis < 0 ? max(axis + x.rank, 0) : min(axis, x.rank - 1)]
    require(
      extent.isMultiple(of: 2), "GLU: axis \(axis) of \(x.type) has no halves; give an even extent")
    return speaking(as: "GLU") {
      let halves = x.split(into: [extent / 2, extent / 2], along: axis)
      return halves[0] * halves[1].sigmoid()
    }
  }
}
