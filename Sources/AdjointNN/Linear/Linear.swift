import Adjoint

/// A linear layer: y = x·Wᵀ + b.
///
///     x: [N…, inputs]   →   [N…, outputs]
///
/// Parameters: `weight` [outputs, inputs], and `bias` [outputs] unless left out, as before a batch
/// norm, which would subtract it again.
public struct Linear: Layer {
  /// W, [outputs, inputs].
  public var weight: Tensor
  /// b, [outputs].
  public var bias: Tensor?

  /// Makes a layer with random weights, and biases of 0.
  public init(
    _ inputs: Int, _ outputs: Int, bias: Bool = true, weight: Initializer = .heNormal,
    dtype: DType = .float32, using generator: inout Philox
  ) {
    require(
      inputs >= 1 && outputs >= 1,
      "Linear: there are \(inputs) inputs and \(outputs) outputs; give 1 or more of each")
    self.weight = speaking(as: "Linear") {
      weight([outputs, inputs], dtype: dtype, using: &generator)
    }
    self.bias = bias ? .zeros([outputs], dtype: dtype) : nil
  }

  public mutating func visit(_ visitor: inout Visitor) {
    visitor.parameter("weight", &weight)
    visitor.parameter("bias", &bias)
  }

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.layered("Linear", with: weight) { x.mapped(by: weight, bias) }
  }
}
