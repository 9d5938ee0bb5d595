import Adjoint

/// What is done to a batch before it is used.
///
/// The random numbers come from the generator that is given, so that a ``Loader`` does the same to the same
/// batch whenever it makes it.
public struct Transform: Sendable {
  private let body: @Sendable (LabeledData, inout Philox) -> LabeledData

  /// Makes a transform of a function of a batch.
  public init(_ body: @escaping @Sendable (LabeledData, inout Philox) -> LabeledData) {
    self.body = body
  }

  /// Makes a transform that leaves labels as they are, of a function of the inputs.
  public static func ofInputs(
    _ body: @escaping @Sendable (Tensor, inout Philox) -> Tensor
  ) -> Transform {
    Transform { LabeledData(inputs: body($0.inputs, &$1), labels: $0.labels) }
  }

  /// Applies the transform.
  public func callAsFunction(
    _ batch: LabeledData, using generator: inout Philox
  ) -> LabeledData { body(batch, &generator) }

  /// Subtracts a mean, and divides by a deviation: for each channel, or one for all.
  ///
  ///     x: [N, C, …]   →   (x − mean)/deviation, the same shape
  /// - Precondition: there are as many of both as channels, or one; no deviation is 0.
  public static func normalized(mean: [Double], deviation: [Double]) -> Transform {
    require(
      mean.count == deviation.count && !mean.isEmpty
        && deviation.allSatisfy { $0 != 0 && $0.isFinite } && mean.allSatisfy(\.isFinite),
      "normalized: the means are \(mean), the deviations \(deviation); give one of each for each channel, "
        + "finite ones, and deviations other than 0")
    return .ofInputs { x, _ in
      x.requireFloatingPoint("normalized")
      require(
        mean.count == 1 || x.rank >= 2 && x.shape[1] == mean.count,
        "normalized: \(x.type) does not have \(mean.count) channels; give a mean for each")
      let shape = mean.count == 1 ? [] : [mean.count] + Array(repeating: 1, count: x.rank - 2)
      func channels(_ values: [Double]) -> Tensor { Tensor(values, shape: shape, dtype: x.dtype) }
      return (x - channels(mean)) / channels(deviation)
    }
  }

  /// Adds numbers from a normal distribution with mean 0.
  /// - Precondition: the deviation is finite, and 0 or more.
  public static func noise(deviation: Double) -> Transform {
    require(
      deviation >= 0 && deviation.isFinite,
      "noise: the deviation is \(deviation); give a finite number from 0 on")
    return .ofInputs { x, generator in
      x.requireFloatingPoint("noise")
      return x + .normal(x.shape, deviation: deviation, dtype: x.dtype, using: &generator)
    }
  }
}
