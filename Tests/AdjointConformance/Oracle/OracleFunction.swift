import Adjoint
import AdjointFixtures

/// A function whose values and gradients are known at the point of one fixture.
public struct OracleFunction {
  /// The names of the arrays that are its inputs.
  public let inputs: [String]
  public let function: ([Tensor]) -> Tensor

  init(_ inputs: [String], _ function: @escaping ([Tensor]) -> Tensor) {
    self.inputs = inputs
    self.function = function
  }

  init(binary function: @escaping (Tensor, Tensor) -> Tensor) {
    self.init(["a", "b"]) { function($0[0], $0[1]) }
  }

  init(unary function: @escaping (Tensor) -> Tensor) {
    self.init(["x"]) { function($0[0]) }
  }

  /// The function of a fixture's kind and parameters; nil if there is none.
  public init?(_ fixture: Fixture, _ dtype: DType) throws {
    let axes = fixture.numbers("axes") ?? fixture.numbers("axis")
    let keeps = fixture.parameters["keepdims"]?.isSet ?? false
    switch fixture.kind {
    case "binary_add": self.init(binary: +)
    case "binary_sub": self.init(binary: -)
    case "binary_mul": self.init(binary: *)
    case "binary_div": self.init(binary: /)
    case "binary_pow": self.init(binary: { $0.power($1) })
    case "binary_maximum": self.init(binary: Tensor.maximum)
    case "binary_minimum": self.init(binary: Tensor.minimum)
    case "matmul": self.init(binary: { $0.matMul($1) })
    case "reduce_sum": self.init(unary: { $0.sum(over: axes, keepingAxes: keeps) })
    case "reduce_mean": self.init(unary: { $0.mean(over: axes, keepingAxes: keeps) })
    case "reduce_prod": self.init(unary: { $0.product(over: axes, keepingAxes: keeps) })
    case "reduce_max": self.init(unary: { $0.max(over: axes, keepingAxes: keeps) })
    case "reduce_min": self.init(unary: { $0.min(over: axes, keepingAxes: keeps) })
    case "reduce_l1": self.init(unary: { $0.norm(1, over: axes, keepingAxes: keeps) })
    case "reduce_l2": self.init(unary: { $0.norm(over: axes, keepingAxes: keeps) })
    case "reduce_sum_squares":
      self.init(unary: { $0.sumOfSquares(over: axes, keepingAxes: keeps) })
    case "reduce_var_population":
      self.init(unary: { $0.variance(over: axes, keepingAxes: keeps) })
    case "reduce_var_sample":
      self.init(unary: { $0.variance(over: axes, correction: 1, keepingAxes: keeps) })
    case "reduce_std_population":
      self.init(unary: { $0.standardDeviation(over: axes, keepingAxes: keeps) })
    case "reduce_std_sample":
      self.init(unary: { $0.standardDeviation(over: axes, correction: 1, keepingAxes: keeps) })
    case "logsumexp": self.init(unary: { $0.logSumExp(over: axes, keepingAxes: keeps) })
    case "cumsum": self.init(unary: { $0.cumulativeSum(along: axes?[0] ?? 0) })
    case "cumprod": self.init(unary: { $0.cumulativeProduct(along: axes?[0] ?? 0) })
    case "softmax": self.init(unary: { $0.softmax(along: axes?[0] ?? -1) })
    case "log_softmax": self.init(unary: { $0.logSoftmax(along: axes?[0] ?? -1) })
    case "softmax_cross_entropy":
      let (target, axis) = (try fixture("target"), fixture.numbers("class_axis")?[0] ?? 1)
      let reduction = Reduction(fixture)
      self.init(["logits"]) { logits in
        let target = target.dtype.isFloatingPoint ? target.cast(to: dtype) : target
        return logits[0].crossEntropy(target, over: axis, reduction: reduction)
      }
    case "batch_norm": try self.init(batchNorm: fixture, dtype, fused: true)
    case "attention":
      let scale = fixture.parameters["scale"]?.number
      let isCausal = fixture.parameters["causal"]?.isSet ?? false
      self.init(["q", "k", "v"]) {
        Tensor.attention(query: $0[0], key: $0[1], value: $0[2], isCausal: isCausal, scale: scale)
      }
    default: try self.init(image: fixture)
    }
  }

  /// Batch norm, by its kernel or by its definition.
  public init(batchNorm fixture: Fixture, _ dtype: DType, fused: Bool) throws {
    let epsilon = fixture.parameters["eps"]?.number ?? 0
    if fixture.parameters["mode"]?.text == "eval" {
      let mean = try fixture("running_mean0").cast(to: dtype)
      let variance = try fixture("running_var0").cast(to: dtype)
      self.init(["x", "gamma", "beta"]) {
        $0[0].normalized(
          mean: mean, variance: variance, scale: $0[1], shift: $0[2], epsilon: epsilon)
      }
    } else {
      self.init(["x", "gamma", "beta"]) {
        $0[0].batchNormalized(scale: $0[1], shift: $0[2], epsilon: epsilon, fused: fused).output
      }
    }
  }
}

extension Fixture {
  /// A parameter that is a whole number, or several.
  func numbers(_ name: String) -> [Int]? {
    switch parameters[name] {
    case .list(let list): list.map { Int($0) }
    case .number(let number): [Int(number)]
    default: nil
    }
  }
}

extension Reduction {
  /// What a fixture does with the losses of its samples.
  init(_ fixture: Fixture) {
    switch fixture.parameters["reduction"]?.text {
    case "mean": self = .mean
    case "sum": self = .sum
    default: self = .none
    }
  }
}
