import Adjoint
import AdjointNN

extension OnnxOperators {
  /// Normalization by statistics.
  static let normalization: [String: OnnxOperator] = [
    "BatchNormalization": batchNormalization,
    "LayerNormalization": { call in
      let x = try call.x
      let axis = call.integer("axis") ?? -1
      let first = axis < 0 ? axis + x.rank : axis
      let epsilon = call.number("epsilon") ?? 1e-5
      let features = Array(x.shape[first...])
      let y = x.layerNormalized(
        scale: try call.input(1).broadcast(to: features),
        shift: try call.optional(2)?.broadcast(to: features) ?? .zeros(features, dtype: x.dtype),
        from: first, epsilon: epsilon)
      guard call.node.outputs.count > 1 else { return [y] }
      let axes = Array(first..<x.rank)
      let variance = x.variance(over: axes, keepingAxes: true)
      return [y, x.mean(over: axes, keepingAxes: true), (variance + epsilon).rsqrt()]
    },
    "GroupNormalization": { call in
      let (x, groups) = (try call.x, call.integer("num_groups") ?? 1)
      // Before version 21 scale and shift are those of groups.
      func channels(_ tensor: Tensor) -> Tensor {
        tensor.count == x.shape[1]
          ? tensor : tensor.repeated(x.shape[1] / tensor.count, along: 0)
      }
      return [
        x.groupNormalized(
          groups: groups, scale: channels(try call.input(1)), shift: channels(try call.input(2)),
          epsilon: call.number("epsilon") ?? 1e-5)
      ]
    },
    "InstanceNormalization": { call in
      let x = try call.x
      return [
        x.groupNormalized(
          groups: x.shape[1], scale: try call.input(1), shift: try call.input(2),
          epsilon: call.number("epsilon") ?? 1e-5)
      ]
    },
    "RMSNormalization": { call in
      let (x, axis) = (try call.x, call.integer("axis") ?? -1)
      let features = Array(x.shape[(axis < 0 ? axis + x.rank : axis)...])
      return [
        x.rootMeanSquareNormalized(
          scale: try call.input(1).broadcast(to: features), from: axis,
          epsilon: call.number("epsilon") ?? 1e-5)
      ]
    },
    "LpNormalization": { call in
      [try call.x.dividedByNorm(call.number("p") ?? 2, over: [call.integer("axis") ?? -1])]
    },
    "MeanVarianceNormalization": { call in
      [try call.x.standardized(over: call.list("axes") ?? [0, 2, 3])]
    },
  ]

  private static let batchNormalization: OnnxOperator = { call in
    let x = try call.x
    let epsilon = call.number("epsilon") ?? 1e-5
    // The momentum weights the old statistics, and the variance is that of the population.
    let weight = 1 - (call.number("momentum") ?? 0.9)
    var norm = BatchNorm(
      x.shape[1], epsilon: epsilon, averaging: .exponential(weightOfNew: weight),
      varianceEstimate: .population, dtype: x.dtype)
    norm.scale = try call.input(1)
    norm.shift = try call.input(2)
    norm.runningMean = try call.input(3)
    norm.runningVariance = try call.input(4)
    let y = norm(x, call.flag("training_mode") ? .training : .inference)
    return [y, norm.runningMean, norm.runningVariance]
  }
}
