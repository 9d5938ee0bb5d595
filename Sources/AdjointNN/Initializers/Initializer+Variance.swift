import Adjoint

// Random weights whose variance keeps that of signals, or of gradients, from layer to layer.
extension Initializer {
  /// How weights of a variance are distributed.
  public enum Distribution: Sendable {
    /// Normal.
    case normal
    /// Uniform.
    case uniform
    /// Normal within two deviations, scaled up to the variance that is asked for.
    case truncatedNormal
  }

  /// What the variance of weights is divided by.
  public enum Fan: Sendable {
    /// The values that an output is made of: signals keep their variance.
    case input
    /// The outputs that an input takes part in: gradients keep theirs.
    case output
    /// The mean of the two.
    case mean
  }

  /// Random with mean 0 and variance gain²/fan.
  ///
  /// - Precondition: the gain is not negative.
  public static func variance(
    gain: Double, over fan: Fan, _ distribution: Distribution = .normal
  ) -> Initializer {
    requireWithin(gain, 0, .greatestFiniteMagnitude, "Initializer: the gain")
    return Initializer { shape, dtype, generator in
      let deviation = gain / Fans(shape)[fan].squareRoot()
      switch distribution {
      case .normal:
        return .normal(shape, deviation: deviation, dtype: dtype, using: &generator)
      case .uniform:
        guard deviation > 0 else { return .zeros(shape, dtype: dtype) }
        let bound = deviation * 3.0.squareRoot()
        return .uniform(shape, in: -bound..<bound, dtype: dtype, using: &generator)
      case .truncatedNormal:
        // √(1 − 2b·φ(b)/(2Φ(b) − 1)) for b = 2: the deviation of a normal number within two of its own.
        let left = 0.8796256610342398
        return .truncatedNormal(shape, within: 2, dtype: dtype, using: &generator)
          * (deviation / left)
      }
    }
  }

  /// Random with variance 2/((1 + slope²)·fan), which keeps the variance of signals through (leaky) relu layers.
  ///
  /// PyTorch's linear layers and convolutions start with `.he(.uniform, slope: 5.squareRoot())`.
  ///
  /// Source: He, Zhang, Ren & Sun, "Delving deep into rectifiers" (2015), §2.2.
  public static func he(
    _ distribution: Distribution = .normal, fan: Fan = .input, slope: Double = 0
  ) -> Initializer {
    variance(gain: Gain.leakyReLU(slope: slope), over: fan, distribution)
  }

  /// Random with variance 2·gain²/(fan-in + fan-out).
  ///
  /// Source: Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural
  /// networks" (2010), §4.2.
  public static func glorot(
    _ distribution: Distribution = .uniform, gain: Double = 1
  ) -> Initializer { variance(gain: gain, over: .mean, distribution) }

  /// Random with variance 1/fan-in, which keeps the variance of signals through linear layers, and those of
  /// ``SELU``.
  ///
  /// Source: LeCun, Bottou, Orr & Müller, "Efficient backprop" (1998), §4.6.
  public static func leCun(_ distribution: Distribution = .normal) -> Initializer {
    variance(gain: 1, over: .input, distribution)
  }

  /// ``he(_:fan:slope:)`` as it is unless told otherwise: normal with variance 2/fan-in.
  public static let heNormal = he(.normal)
  /// Uniform with variance 2/fan-in.
  public static let heUniform = he(.uniform)
  /// Normal with variance 2/(fan-in + fan-out).
  public static let glorotNormal = glorot(.normal)
  /// Uniform with variance 2/(fan-in + fan-out).
  public static let glorotUniform = glorot(.uniform)
  /// Normal with variance 1/fan-in.
  public static let leCunNormal = leCun(.normal)
  /// Uniform with variance 1/fan-in.
  public static let leCunUniform = leCun(.uniform)
}

/// What weights before an activation are multiplied by, so that signals keep their size: the numbers of PyTorch's
/// `calculate_gain`.
public enum Gain {
  /// Before a layer without activation, or a sigmoid.
  public static let linear = 1.0
  /// Before ``Tanh``.
  public static let tanh = 5.0 / 3
  /// Before ``ReLU``.
  public static let relu = 2.0.squareRoot()
  /// Before ``SELU``.
  public static let selu = 0.75
  /// Before ``LeakyReLU``: √(2/(1 + slope²)).
  public static func leakyReLU(slope: Double = 0.01) -> Double {
    (2 / (1 + slope * slope)).squareRoot()
  }
}

/// The number of values that an output is made of, and the number of outputs that an input takes
/// part in.
private struct Fans {
  private let input: Double
  private let output: Double

  init(_ shape: [Int]) {
    requireMatrix(shape)
    let kernel = shape[2...].reduce(1, *)
    input = Double(max(shape[1] * kernel, 1))
    output = Double(max(shape[0] * kernel, 1))
  }

  subscript(fan: Initializer.Fan) -> Double {
    switch fan {
    case .input: input
    case .output: output
    case .mean: (input + output) / 2
    }
  }
}

/// Stops at a shape that is not that of weights.
func requireMatrix(_ shape: [Int]) {
  require(
    shape.count >= 2,
    "initializer: the shape \(shape) has no inputs and outputs; give a weight [outputs, inputs, …]"
  )
}
