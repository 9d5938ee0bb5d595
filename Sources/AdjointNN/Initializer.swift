import Adjoint

/// How the parameters of a layer start.
///
/// Fans are counted as for weights [outputs, inputs, kernel…]: fan-in is inputs · kernel, fan-out
/// outputs · kernel.
public struct Initializer: Sendable {
  private let make: @Sendable ([Int], DType, inout Philox) -> Tensor

  /// Makes an initializer from a function of shape, element type and generator.
  public init(_ make: @escaping @Sendable ([Int], DType, inout Philox) -> Tensor) {
    self.make = make
  }

  /// Makes the starting value of a parameter.
  public func callAsFunction(
    _ shape: [Int], dtype: DType = .float32, using generator: inout Philox
  ) -> Tensor {
    requireParameters(of: dtype, "Initializer")
    return make(shape, dtype, &generator)
  }

  /// The same value everywhere.
  public static func constant(_ value: Double) -> Initializer {
    Initializer { shape, dtype, _ in .full(shape, value, dtype: dtype) }
  }

  /// Zeros.
  public static let zeros = constant(0)

  /// Ones.
  public static let ones = constant(1)

  /// Uniform between −bound and bound.
  /// - Precondition: the bound is positive.
  public static func uniform(bound: Double) -> Initializer {
    require(
      bound > 0 && bound.isFinite, "Initializer: the bound is \(bound); give a positive number")
    return Initializer { shape, dtype, generator in
      .uniform(shape, in: -bound..<bound, dtype: dtype, using: &generator)
    }
  }

  /// Normal with mean 0 and the given standard deviation.
  /// - Precondition: the deviation is not negative.
  public static func normal(deviation: Double) -> Initializer {
    requireWithin(deviation, 0, .greatestFiniteMagnitude, "Initializer: the deviation")
    return Initializer { shape, dtype, generator in
      .normal(shape, deviation: deviation, dtype: dtype, using: &generator)
    }
  }

  /// Normal with variance 2/fan-in, which keeps the variance of signals through relu layers.
  ///
  /// Source: He, Zhang, Ren & Sun, "Delving deep into rectifiers" (2015), §2.2.
  public static let heNormal = Initializer { shape, dtype, generator in
    let deviation = (2 / Fans(shape).input).squareRoot()
    return .normal(shape, deviation: deviation, dtype: dtype, using: &generator)
  }

  /// Uniform with variance 2/fan-in.
  ///
  /// Source: He, Zhang, Ren & Sun, "Delving deep into rectifiers" (2015), §2.2.
  public static let heUniform = Initializer { shape, dtype, generator in
    let bound = (6 / Fans(shape).input).squareRoot()
    return .uniform(shape, in: -bound..<bound, dtype: dtype, using: &generator)
  }

  /// Normal with variance 2/(fan-in + fan-out).
  ///
  /// Source: Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural
  /// networks" (2010), §4.2.
  public static let glorotNormal = Initializer { shape, dtype, generator in
    let deviation = (2 / Fans(shape).sum).squareRoot()
    return .normal(shape, deviation: deviation, dtype: dtype, using: &generator)
  }

  /// Uniform with variance 2/(fan-in + fan-out).
  ///
  /// Source: Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural
  /// networks" (2010), §4.2.
  public static let glorotUniform = Initializer { shape, dtype, generator in
    let bound = (6 / Fans(shape).sum).squareRoot()
    return .uniform(shape, in: -bound..<bound, dtype: dtype, using: &generator)
  }
}

/// The number of values that an output is made of, and the number of outputs that an input takes
/// part in.
private struct Fans {
  let input: Double
  let output: Double
  var sum: Double { input + output }

  init(_ shape: [Int]) {
    require(
      shape.count >= 2,
      "initializer: the shape \(shape) has no inputs and outputs; give a weight [outputs, inputs, …]"
    )
    let kernel = shape[2...].reduce(1, *)
    input = Double(max(shape[1] * kernel, 1))
    output = Double(max(shape[0] * kernel, 1))
  }
}
