// Reductions along one axis, given as a number.

extension Tensor {
  /// Returns the sum along one axis. Pullback: x̄ = ȳ broadcast.
  public func sum(over axis: Int, keepingAxes: Bool = false) -> Tensor {
    sum(over: [axis], keepingAxes: keepingAxes)
  }

  /// Returns the mean along one axis. Pullback: x̄ = ȳ/n broadcast.
  public func mean(over axis: Int, keepingAxes: Bool = false) -> Tensor {
    mean(over: [axis], keepingAxes: keepingAxes)
  }

  /// Returns the largest element along one axis. Pullback: ȳ goes to its equals, in equal parts.
  public func max(over axis: Int, keepingAxes: Bool = false) -> Tensor {
    max(over: [axis], keepingAxes: keepingAxes)
  }

  /// Returns the smallest element along one axis. Pullback: ȳ goes to its equals, in equal parts.
  public func min(over axis: Int, keepingAxes: Bool = false) -> Tensor {
    min(over: [axis], keepingAxes: keepingAxes)
  }

  /// Returns the logarithm of the sum of exponentials along one axis. Pullback: x̄ = ȳ·softmax x.
  public func logSumExp(over axis: Int, keepingAxes: Bool = false) -> Tensor {
    logSumExp(over: [axis], keepingAxes: keepingAxes)
  }

  /// Returns whether a mask holds everywhere along one axis.
  public func all(over axis: Int, keepingAxes: Bool = false) -> Tensor {
    all(over: [axis], keepingAxes: keepingAxes)
  }

  /// Returns whether a mask holds anywhere along one axis.
  public func any(over axis: Int, keepingAxes: Bool = false) -> Tensor {
    any(over: [axis], keepingAxes: keepingAxes)
  }

  /// Returns the Euclidean norm along one axis. Pullback: x̄ = ȳ·x/y.
  public func norm(over axis: Int, keepingAxes: Bool = false) -> Tensor {
    norm(over: [axis], keepingAxes: keepingAxes)
  }

  /// Returns the variance along one axis. Pullback: x̄ = 2/(n − d)·ȳ·(x − mean).
  public func variance(
    over axis: Int, correction: Int = 0, keepingAxes: Bool = false
  ) -> Tensor {
    variance(over: [axis], correction: correction, keepingAxes: keepingAxes)
  }

  /// Returns the standard deviation along one axis. Pullback: x̄ = ȳ/((n − d)·y)·(x − mean).
  public func standardDeviation(
    over axis: Int, correction: Int = 0, keepingAxes: Bool = false
  ) -> Tensor {
    standardDeviation(over: [axis], correction: correction, keepingAxes: keepingAxes)
  }
}
