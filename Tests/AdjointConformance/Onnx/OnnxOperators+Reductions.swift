import Adjoint

extension OnnxOperators {
  /// What makes one element of many, or sums them up so far.
  static let reductions: [String: OnnxOperator] = [
    "ReduceSum": reduce { $0.sum(over: $1, keepingAxes: $2) },
    "ReduceMean": reduce { $0.mean(over: $1, keepingAxes: $2) },
    "ReduceProd": reduce { $0.product(over: $1, keepingAxes: $2) },
    "ReduceMax": reduce { largest($0, $1, $2) },
    "ReduceMin": reduce { smallest($0, $1, $2) },
    "ReduceL1": reduce { $0.norm(1, over: $1, keepingAxes: $2) },
    "ReduceL2": reduce { $0.norm(over: $1, keepingAxes: $2) },
    "ReduceSumSquare": reduce { $0.sumOfSquares(over: $1, keepingAxes: $2) },
    "ReduceLogSum": reduce { $0.sum(over: $1, keepingAxes: $2).log() },
    "ReduceLogSumExp": reduce { logSumExp($0, $1, $2) },
    "ArgMax": { call in
      [
        try call.x.argMax(
          over: call.integer("axis") ?? 0, tie: call.flag("select_last_index") ? .last : .first,
          keepingAxis: call.number("keepdims") != 0)
      ]
    },
    "ArgMin": { call in
      [
        try call.x.argMin(
          over: call.integer("axis") ?? 0, tie: call.flag("select_last_index") ? .last : .first,
          keepingAxis: call.number("keepdims") != 0)
      ]
    },
    "CumSum": { call in
      [
        try call.x.cumulativeSum(
          along: try call.integers(1)?[0] ?? 0, exclusive: call.flag("exclusive"),
          reversed: call.flag("reverse"))
      ]
    },
    "CumProd": { call in
      [
        try call.x.cumulativeProduct(
          along: try call.integers(1)?[0] ?? 0, exclusive: call.flag("exclusive"),
          reversed: call.flag("reverse"))
      ]
    },
  ]

  /// Axes are an input, or an attribute in older versions; none are all, unless said otherwise.
  private static func reduce(
    _ function: @escaping @Sendable (Tensor, [Int]?, Bool) -> Tensor
  ) -> OnnxOperator {
    { call in
      var axes = try call.integers(1) ?? call.list("axes")
      if axes?.isEmpty ?? true { axes = call.flag("noop_with_empty_axes") ? [] : nil }
      return [function(try call.x, axes, call.number("keepdims") != 0)]
    }
  }

  /// Masks count as 0 and 1.
  private static func largest(_ x: Tensor, _ axes: [Int]?, _ keeps: Bool) -> Tensor {
    x.dtype == .bool
      ? x.any(over: axes, keepingAxes: keeps) : x.max(over: axes, keepingAxes: keeps)
  }

  private static func smallest(_ x: Tensor, _ axes: [Int]?, _ keeps: Bool) -> Tensor {
    x.dtype == .bool
      ? x.all(over: axes, keepingAxes: keeps) : x.min(over: axes, keepingAxes: keeps)
  }

  /// Of no elements the logarithm of 0.
  private static func logSumExp(_ x: Tensor, _ axes: [Int]?, _ keeps: Bool) -> Tensor {
    x.count == 0
      ? x.sum(over: axes, keepingAxes: keeps).log() : x.logSumExp(over: axes, keepingAxes: keeps)
  }
}
