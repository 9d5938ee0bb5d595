import Adjoint

// Activations that are lines, each for a range of its own.

/// max(x, 0).
public struct ReLU: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { speaking(as: "ReLU") { x.relu() } }
}

/// min(max(x, 0), 6).
public struct ReLU6: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "ReLU6") { x.clamped(to: 0...6) }
  }
}

/// x, or slope · x where x is negative.
public struct LeakyReLU: StatelessLayer {
  /// The slope below 0.
  public var slope: Double
  /// Makes the layer.
  public init(slope: Double = 0.01) { self.slope = slope }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "LeakyReLU") { x.leakyRelu(slope: slope) }
  }
}

/// x where it is above a threshold, else 0.
public struct ThresholdedReLU: StatelessLayer {
  /// The threshold.
  public var threshold: Double
  /// Makes the layer.
  public init(threshold: Double = 1) { self.threshold = threshold }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "ThresholdedReLU") { x.thresholdedRelu(threshold: threshold) }
  }
}

/// x within a range, else its nearer end.
public struct HardTanh: StatelessLayer {
  /// The range.
  public var range: ClosedRange<Double>
  /// Makes the layer.
  public init(_ range: ClosedRange<Double> = -1...1) { self.range = range }
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "HardTanh") { x.clamped(to: range) }
  }
}

/// x/6 + ½ within 0 and 1.
public struct HardSigmoid: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor {
    speaking(as: "HardSigmoid") { x.hardSigmoid() }
  }
}

/// x·(x/6 + ½ within 0 and 1).
public struct HardSwish: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { speaking(as: "HardSwish") { x.hardSwish() } }
}

/// x, or a trained slope times x where x is negative.
///
///     x: [N, C, A…]   →   [N, C, A…]
///
/// Parameter: `slope` [C], one for each channel, or [1] for all.
///
/// Source: He, Zhang, Ren & Sun, "Delving deep into rectifiers" (2015), §2.1.
public struct PReLU: Layer {
  /// The slopes below 0, [C] or [1].
  public var slope: Tensor

  /// Makes the layer for channels, or with one slope for all.
  public init(_ channels: Int = 1, slope: Double = 0.25, dtype: DType = .float32) {
    require(channels >= 1, "PReLU: there are \(channels) channels; give 1 or more")
    requireParameters(of: dtype, "PReLU")
    self.slope = .full([channels], slope, dtype: dtype)
  }

  public mutating func visit(_ visitor: inout Visitor) { visitor.parameter("slope", &slope) }

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.layered("PReLU", with: slope) {
      require(
        slope.count == 1 || x.rank >= 2 && x.shape[1] == slope.count,
        "PReLU: axis 1 of \(x.type) has not the \(slope.count) channels that there are slopes for"
      )
      let inner = Array(repeating: 1, count: max(x.rank - 2, 0))
      return x.prelu(slope: slope.reshaped(to: [slope.count] + inner))
    }
  }
}
