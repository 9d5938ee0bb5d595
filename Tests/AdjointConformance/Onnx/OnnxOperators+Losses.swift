import Adjoint

extension OnnxOperators {
  /// Softmax, and what is made of it.
  static let losses: [String: OnnxOperator] = [
    "Softmax": { call in [try softmax(call) { $0.softmax(along: $1) }] },
    "LogSoftmax": { call in [try softmax(call) { $0.logSoftmax(along: $1) }] },
    "NegativeLogLikelihoodLoss": { call in
      [
        try call.x.negativeLogLikelihood(
          try call.input(1), weights: try call.optional(2), ignoring: call.integer("ignore_index"),
          reduction: call.reduction)
      ]
    },
    "SoftmaxCrossEntropyLoss": { call in
      let x = try call.x
      let loss = x.crossEntropy(
        try call.input(1), weights: try call.optional(2), ignoring: call.integer("ignore_index"),
        reduction: call.reduction)
      return call.node.outputs.count > 1 ? [loss, x.logSoftmax(along: 1)] : [loss]
    },
  ]

  /// Before version 13 all axes from the one given on are one.
  private static func softmax(
    _ call: OnnxCall, _ function: (Tensor, Int) -> Tensor
  ) throws -> Tensor {
    let x = try call.x
    if call.version >= 13 { return function(x, call.integer("axis") ?? -1) }
    let axis = call.integer("axis") ?? 1
    let first = axis < 0 ? axis + x.rank : axis
    return function(x.flattened(from: first), -1).reshaped(to: x.shape)
  }
}

extension OnnxCall {
  /// What becomes of the losses of samples.
  fileprivate var reduction: Reduction {
    switch text("reduction") {
    case "none": .none
    case "sum": .sum
    default: .mean
    }
  }
}
