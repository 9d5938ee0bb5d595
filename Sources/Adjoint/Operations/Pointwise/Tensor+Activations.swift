// Activations that are made of others, with the derivatives of these.

extension Tensor {
  /// Returns x·tanh(log(1 + eˣ)). Pullback, with w = log(1 + eˣ): x̄ = ȳ·(tanh w + x·sigmoid x·(1 − tanh² w)).
  ///
  /// Source: Misra, "Mish: a self regularized non-monotonic activation function" (2019).
  public func mish() -> Tensor { Unary<Mish>()(self) }

  /// Returns x where it is positive, a slope of its own times x elsewhere; operands are broadcast.
  ///
  ///     x: [N, C, A…], slope: [C, 1…]   →   [N, C, A…]
  ///
  /// Pullback: x̄ = ȳ, or slope·ȳ, at 0 too; the slope's is Σ ȳ·x where x ≤ 0.
  ///
  /// Source: He, Zhang, Ren & Sun, "Delving deep into rectifiers" (2015).
  public func prelu(slope: Tensor) -> Tensor {
    requireFloatingPoint("prelu")
    return speaking(as: "prelu") { Binary<LeakyRectifiedLinear>().broadcasting(self, slope) }
  }

  /// Returns γ·x where x is positive, γ·α·(eˣ − 1) elsewhere. Pullback: x̄ = γ·ȳ, or γ·α·ȳ·eˣ, at 0 too.
  ///
  /// With the constants of the paper, which keep mean 0 and variance 1 from layer to layer.
  ///
  /// Source: Klambauer, Unterthiner, Mayr & Hochreiter, "Self-normalizing neural networks" (2017).
  public func selu(
    alpha: Double = 1.6732632423543772, scale: Double = 1.0507009873554805
  ) -> Tensor {
    requireFloatingPoint("selu")
    requireNumber(alpha, "selu: α")
    requireNumber(scale, "selu: the scale")
    return elu(alpha: alpha) * scale
  }

  /// Returns x where it is positive, α·(e^(x/α) − 1) elsewhere: smooth at 0 for every α.
  ///
  /// Pullback: x̄ = ȳ, or ȳ·e^(x/α).
  /// - Precondition: α is positive.
  ///
  /// Source: Barron, "Continuously differentiable exponential linear units" (2017).
  public func celu(alpha: Double = 1) -> Tensor {
    requireFloatingPoint("celu")
    require(alpha > 0, "celu: alpha is \(alpha), by which x is divided; give a positive one")
    if alpha == 1 { return elu() }
    // What is positive is not divided: it need not survive that.
    let unit = dtype.positive(alpha)
    return relu() + (clamped(to: -.infinity...0) / unit).elu() * unit
  }

  /// Returns x·sigmoid(β·x); at ±∞ its limits. Pullback, with s = sigmoid(β·x): x̄ = ȳ·(s + β·y·(1 − s)).
  ///
  /// Source: Ramachandran, Zoph & Le, "Searching for activation functions" (2017).
  public func swish(beta: Double) -> Tensor {
    requireFloatingPoint("swish")
    requireNumber(beta, "swish: β")
    if beta == 1 { return silu() }
    if beta == 0 { return self * 0.5 }
    // At ±∞ the product is ∞·0 on one side, and its derivative on both.
    let limit = beta > 0 ? relu() : -(-self).relu()
    return (self * (self * beta).sigmoid()).select(
      where: magnitude() .< .infinity, otherwise: limit)
  }

  /// Returns log(sigmoid x) = −log(1 + e⁻ˣ), without overflow. Pullback: x̄ = ȳ·sigmoid(−x).
  public func logSigmoid() -> Tensor {
    requireFloatingPoint("logSigmoid")
    return -(-self).softplus()
  }

  /// Returns x/6 + ½ within 0 and 1, or another line. Pullback: x̄ = slope·ȳ where the line is within, its ends
  /// included, else 0.
  public func hardSigmoid(slope: Double = 1.0 / 6, offset: Double = 0.5) -> Tensor {
    requireFloatingPoint("hardSigmoid")
    requireNumber(slope, "hardSigmoid: the slope")
    requireNumber(offset, "hardSigmoid: the offset")
    return (self * slope + offset).clamped(to: 0...1)
  }

  /// Returns x·hardSigmoid(x). Pullback: that of the product.
  ///
  /// Source: Howard et al., "Searching for MobileNetV3" (2019), §5.2.
  public func hardSwish() -> Tensor {
    requireFloatingPoint("hardSwish")
    // Below −3 the other factor is 0, also of −∞.
    return clamped(to: -3 ... .infinity) * hardSigmoid()
  }

  /// Returns x where it is above a threshold, else 0. Pullback: x̄ = ȳ where x is above it, else 0.
  public func thresholdedRelu(threshold: Double = 1) -> Tensor {
    requireFloatingPoint("thresholdedRelu")
    requireNumber(threshold, "thresholdedRelu: the threshold")
    // NaN is not at most the threshold, and stays.
    return scalar(0).select(where: self .<= threshold, otherwise: self)
  }
}
