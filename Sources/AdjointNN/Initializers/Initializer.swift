import Adjoint

/// How the parameters of a layer start.
///
/// Fans are counted as for weights [outputs, inputs, kernel…]: fan-in is inputs · kernel, fan-out
/// outputs · kernel.
///
/// ```swift
/// Linear(64, 64, weight: .orthogonal(gain: Gain.tanh), using: &generator)
/// Conv2D(16, 32, kernel: 3, weight: .he(.uniform, fan: .output), using: &generator)
/// ```
public struct Initializer: Sendable {
  private let make: @Sendable ([Int], DType, inout Philox) -> Tensor

  /// Makes an initializer from a function of shape, element type and generator.
  public init(_ make: @escaping @Sendable ([Int], DType, inout Philox) -> Tensor) {
    self.make = make
  }

  /// Makes the starting value of a parameter.
  /// - Precondition: no extent is negative, and the weights can be counted.
  public func callAsFunction(
    _ shape: [Int], dtype: DType = .float32, using generator: inout Philox
  ) -> Tensor {
    requireParameters(of: dtype, "Initializer")
    require(
      TensorType.isCountable(shape),
      "Initializer: there are no weights of the shape \(shape); give extents of 0 or more, and no more than "
        + "memory can hold")
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

  /// Normal with mean 0 and the given standard deviation, drawn again where it is farther from 0 than so many
  /// deviations, which makes the deviation of what is left smaller: 0.88 times as large with 2.
  /// - Precondition: the deviation is not negative, and the bound not below ½.
  public static func truncatedNormal(
    deviation: Double, within bound: Double = 2
  ) -> Initializer {
    requireWithin(deviation, 0, .greatestFiniteMagnitude, "Initializer: the deviation")
    requireWithin(
      bound, 0.5, .greatestFiniteMagnitude, "Initializer: the bound of a truncated normal")
    return Initializer { shape, dtype, generator in
      .truncatedNormal(shape, within: bound, dtype: dtype, using: &generator) * deviation
    }
  }
}

extension Tensor {
  /// Draws normal numbers of deviation 1, again where they are beyond a bound.
  static func truncatedNormal(
    _ shape: [Int], within bound: Double, dtype: DType, using generator: inout Philox
  ) -> Tensor {
    var drawn = Tensor.normal(shape, dtype: dtype, using: &generator)
    while true {
      let isWithin = drawn.magnitude() .<= bound
      if [Bool](isWithin).allSatisfy({ $0 }) { return drawn }
      drawn = drawn.select(
        where: isWithin, otherwise: .normal(shape, dtype: dtype, using: &generator))
    }
  }
}
