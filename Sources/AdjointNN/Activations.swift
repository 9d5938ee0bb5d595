import Adjoint

/// A layer without parameters or state: a function of a tensor.
public protocol StatelessLayer: Layer {
  /// Applies the function.
  func callAsFunction(_ x: Tensor) -> Tensor
}

extension StatelessLayer {
  public mutating func visit(_ visitor: inout Visitor) {}
  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { self(x) }
}

/// max(x, 0).
public struct ReLU: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { x.relu() }
}

/// x, or slope · x where x is negative.
public struct LeakyReLU: StatelessLayer {
  /// The slope below 0.
  public var slope: Double
  /// Makes the layer.
  public init(slope: Double = 0.01) { self.slope = slope }
  public func callAsFunction(_ x: Tensor) -> Tensor { x.leakyRelu(slope: slope) }
}

/// x, or α·(eˣ − 1) where x is negative.
public struct ELU: StatelessLayer {
  /// α.
  public var alpha: Double
  /// Makes the layer.
  public init(alpha: Double = 1) { self.alpha = alpha }
  public func callAsFunction(_ x: Tensor) -> Tensor { x.elu(alpha: alpha) }
}

/// x·Φ(x), or its approximation by tanh.
public struct GELU: StatelessLayer {
  /// Whether it is the approximation.
  public var isApproximate: Bool
  /// Makes the layer.
  public init(approximate: Bool = false) { isApproximate = approximate }
  public func callAsFunction(_ x: Tensor) -> Tensor { x.gelu(approximate: isApproximate) }
}

/// x·sigmoid(x).
public struct SiLU: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { x.silu() }
}

/// 1/(1 + e⁻ˣ).
public struct Sigmoid: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { x.sigmoid() }
}

/// The hyperbolic tangent.
public struct Tanh: StatelessLayer {
  /// Makes the layer.
  public init() {}
  public func callAsFunction(_ x: Tensor) -> Tensor { x.tanh() }
}

/// All axes from `first` on made one: images to rows.
///
///     x: [N, A, B, …]   →   [N, A·B·…]
public struct Flatten: StatelessLayer {
  /// The first of the axes.
  public var first: Int
  /// Makes the layer.
  public init(from first: Int = 1) { self.first = first }
  public func callAsFunction(_ x: Tensor) -> Tensor { x.flattened(from: first) }
}
