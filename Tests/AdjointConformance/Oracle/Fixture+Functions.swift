import Adjoint
import AdjointFixtures

// Cases that are no function with an upstream gradient.

extension Fixture {
  /// A function of one number, by its name in the sets.
  static let elementwise: [String: @Sendable (Tensor) -> Tensor] = [
    "abs": { $0.magnitude() }, "acos": { $0.acos() }, "acosh": { $0.acosh() },
    "asin": { $0.asin() }, "asinh": { $0.asinh() }, "atan": { $0.atan() },
    "atanh": { $0.atanh() }, "cbrt": { $0.cubeRoot() }, "cos": { $0.cos() },
    "cosh": { $0.cosh() }, "elu": { $0.elu() }, "erf": { $0.erf() }, "erfc": { $0.erfc() },
    "exp": { $0.exp() }, "exp2": { $0.exp2() }, "expm1": { $0.expm1() },
    "gelu": { $0.gelu() }, "gelu_erf": { $0.gelu() }, "gelu_tanh": { $0.gelu(approximate: true) },
    "hardsigmoid": { $0.hardSigmoid() }, "hardswish": { $0.hardSwish() },
    "leaky_relu": { $0.leakyRelu() }, "log": { $0.log() }, "log10": { $0.log10() },
    "log1p": { $0.log1p() }, "log2": { $0.log2() }, "logsigmoid": { $0.logSigmoid() },
    "log_sigmoid": { $0.logSigmoid() }, "mish": { $0.mish() }, "neg": { -$0 },
    "reciprocal": { $0.reciprocal() }, "relu": { $0.relu() }, "relu6": { $0.clamped(to: 0...6) },
    "rsqrt": { $0.rsqrt() }, "selu": { $0.selu() }, "sigmoid": { $0.sigmoid() },
    "sign": { $0.sign() }, "silu": { $0.silu() }, "sin": { $0.sin() }, "sinh": { $0.sinh() },
    "softplus": { $0.softplus() }, "softsign": { $0.softsign() }, "sqrt": { $0.squareRoot() },
    "square": { $0.squared() }, "swish": { $0.silu() }, "tan": { $0.tan() },
    "tanh": { $0.tanh() },
  ]

  /// The value and the first two derivatives, in units of the last place.
  func elementwise(_ dtype: DType) throws -> [Comparison] {
    let name = parameters["function"]?.text ?? ""
    guard let function = Fixture.elementwise[name] else { throw Unsupported(name) }
    let tape = Tape()
    let x = tape.watch(try self("x").cast(to: dtype))
    // Where rounding has moved x, the values wanted are those of another number.
    let isExact = [Double](x).elementsEqual([Double](try self("x")))
    guard dtype == .float64 || isExact else { return [] }
    let y = function(x)
    let first = tape.gradients(of: [y], seeds: [.ones(like: y)], with: [x], recording: true)[0]
    let second = tape.gradients(of: [tape.constant(first)], seeds: [.ones(like: y)], with: [x])[0]
    return try [(y, "y"), (first, "dy_dx"), (second, "d2y_dx2")].filter { has($0.1) }
      .map { got, array in
        let unit = dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
        let errors = zip([Double](got), [Double](try self(array))).map { got, want in
          got == want || want.isNaN || abs(got - want) <= 1e-300
            || dtype == .float32 && Float(got) == Float(want)
            ? 0 : abs(got - want) / max(unit * max(1, abs(want)), want.ulp)
        }
        return Comparison(
          array: array, error: errors.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }, mark: 4)
      }
  }

  /// The mean, the variance and its gradient.
  func variance(_ dtype: DType) throws -> [Comparison] {
    let x = try self("x").cast(to: dtype)
    let (value, gradient) = valueAndGradient(at: x) { $0.variance() }
    var results = [
      (x.mean(), "mean"), (value, "var_population"), (gradient, "dvar_population_dx"),
    ]
    if has("var_sample") { results.append((x.variance(correction: 1), "var_sample")) }
    return try results.map { try comparison($0.0, $0.1) }
  }

  /// The statistics of shards, and of all of them together.
  func mergedVariance(_ dtype: DType) throws -> [Comparison] {
    let count = Int(parameters["shards"]?.number ?? 0)
    let shards = try (0..<count).map { try self("shard_\($0)").cast(to: dtype) }
    let rows = shards.map {
      Tensor.stacked([
        Tensor(Double($0.count), dtype: dtype), $0.mean(), $0.variance() * $0.count,
      ])
    }
    let all = Tensor.concatenated(shards, along: 0)
    return [
      try comparison(.stacked(rows), "per_shard_n_mean_M2"),
      try comparison(
        .stacked([all.mean(), all.variance(), all.variance(correction: 1)]),
        "merged_mean_var_population_var_sample"),
    ]
  }

  /// The slopes taken at kinks: each must be a subgradient.
  func policies(_ dtype: DType) -> [Comparison] {
    let functions: [(String, ClosedRange<Double>, (Tensor) -> Tensor)] = [
      ("relu", 0...1, { $0.relu() }), ("abs", -1...1, { $0.magnitude() }),
      ("leaky_relu", 0.01...1, { $0.leakyRelu() }), ("elu", 1...1, { $0.elu() }),
      ("clamp", 0...1, { $0.clamped(to: 0...1) }), ("norm", -1...1, { $0.norm() }),
      ("maximum", 0...1, { Tensor.maximum($0, $0 * 0) }),
    ]
    return functions.map { name, slopes, function in
      let slope = Double(gradient(at: Tensor(0, dtype: dtype)) { function($0).sum() })
      let error = max(slopes.lowerBound - slope, slope - slopes.upperBound, 0)
      return Comparison(array: name, error: error, mark: dtype == .float32 ? 1e-7 : 1e-15)
    }
  }
}
