// Names of earlier versions: they work, and the compiler says the new one.

extension Tensor {
  /// An earlier name of ``Tensor/concatenated(_:along:)``.
  @available(*, deprecated, renamed: "concatenated(_:along:)")
  public static func concatenated(_ tensors: [Tensor], axis: Int) -> Tensor {
    concatenated(tensors, along: axis)
  }
  /// An earlier name of ``Tensor/stacked(_:at:)``.
  @available(*, deprecated, renamed: "stacked(_:at:)")
  public static func stacked(_ tensors: [Tensor], axis: Int) -> Tensor {
    stacked(tensors, at: axis)
  }
  /// An earlier name of `argMax(over:keepingAxis:)`.
  @available(*, deprecated, renamed: "argMax(over:keepingAxis:)")
  public func argMax(along axis: Int, keepingAxis: Bool = false) -> Tensor {
    argMax(over: axis, keepingAxis: keepingAxis)
  }
  /// An earlier name of `squeezed(at:)`.
  @available(*, deprecated, renamed: "squeezed(at:)")
  public func squeezed(_ axes: Int...) -> Tensor { squeezed(at: axes) }
  /// An earlier name of ``Tensor/oneHot(_:at:dtype:)``.
  @available(*, deprecated, renamed: "oneHot(_:at:dtype:)")
  public func oneHot(_ count: Int, axis: Int, dtype: DType = .float32) -> Tensor {
    oneHot(count, at: axis, dtype: dtype)
  }
  /// An earlier name of ``Tensor/softmaxCrossEntropy(_:over:)``.
  @available(*, deprecated, renamed: "softmaxCrossEntropy(_:over:)")
  public func softmaxCrossEntropy(_ labels: Tensor, axis: Int) -> Tensor {
    softmaxCrossEntropy(labels, over: axis)
  }
}
