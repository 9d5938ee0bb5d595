// What users of PyTorch, JAX and NumPy type first: the compiler says what it is called here, at once,
// where it would search for many seconds for a meaning of the formula.
//
// Not sqrt, abs and pow: members of these names would hide the functions of numbers from whoever writes an
// extension of Tensor.

extension Tensor {
  @available(*, unavailable, renamed: "matMul(_:)")
  public func matmul(_ other: Tensor) -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "reshaped(to:)")
  public func reshape(_ shape: [Int]) -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "reshaped(to:)")
  public func reshape(_ shape: Int...) -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "reshaped(to:)")
  public func view(_ shape: [Int]) -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "reshaped(to:)")
  public func view(_ shape: Int...) -> Tensor { stop("unavailable") }
  // swift-format-ignore: AlwaysUseLowerCamelCase
  @available(*, unavailable, renamed: "transposed()")
  public var T: Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "transposed()")
  public func transpose() -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "transposed(_:)")
  public func permute(_ order: [Int]) -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "expanded(at:)")
  public func unsqueeze(_ axis: Int) -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "squeezed(at:)")
  public func squeeze(_ axis: Int) -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "flattened()")
  public func flatten() -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "squared()")
  public func square() -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "clamped(to:)")
  public func clamp(_ lower: Double, _ upper: Double) -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "clamped(to:)")
  public func clip(_ lower: Double, _ upper: Double) -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "standardDeviation()")
  public func std() -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "variance()")
  public func `var`() -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "argMax()")
  public func argmax() -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "detached")
  public func detach() -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "element()")
  public func item() -> Double { stop("unavailable") }
  @available(*, unavailable, renamed: "rank")
  public var ndim: Int { stop("unavailable") }
  @available(*, unavailable, renamed: "count")
  public var size: Int { stop("unavailable") }
  @available(*, unavailable, renamed: "count")
  public func numel() -> Int { stop("unavailable") }
  @available(*, unavailable, renamed: "cast(to:)")
  public func astype(_ dtype: DType) -> Tensor { stop("unavailable") }
  @available(*, unavailable, renamed: "logSumExp()")
  public func logsumexp() -> Tensor { stop("unavailable") }
}
