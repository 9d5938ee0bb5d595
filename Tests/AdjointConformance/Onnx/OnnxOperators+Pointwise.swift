import Adjoint

extension OnnxOperators {
  /// Functions of one tensor, element by element.
  static let pointwise: [String: OnnxOperator] = [
    "Abs": { [try $0.x.magnitudeOfAny] }, "Acos": unary { $0.acos() },
    "Acosh": unary { $0.acosh() }, "Asin": unary { $0.asin() }, "Asinh": unary { $0.asinh() },
    "Atan": unary { $0.atan() }, "Atanh": unary { $0.atanh() },
    "Celu": { [try $0.x.celu(alpha: $0.number("alpha") ?? 1)] }, "Clip": clip,
    "Cos": unary { $0.cos() }, "Cosh": unary { $0.cosh() },
    "Elu": { [try $0.x.elu(alpha: $0.number("alpha") ?? 1)] }, "Erf": unary { $0.erf() },
    "Exp": unary { $0.exp() },
    "Gelu": { [try $0.x.gelu(approximate: $0.text("approximate") == "tanh")] },
    "HardSigmoid": {
      [
        try $0.x.hardSigmoid(
          slope: $0.number("alpha") ?? 0.2, offset: $0.number("beta") ?? 0.5)
      ]
    },
    "HardSwish": unary { $0.hardSwish() }, "Identity": unary { $0 },
    "LeakyRelu": { [try $0.x.leakyRelu(slope: $0.number("alpha") ?? 0.01)] },
    "Log": unary { $0.log() }, "Mish": unary { $0.mish() },
    "Neg": { [try $0.x.dtype == .int32 ? 0 - $0.x : -$0.x] },
    "Reciprocal": unary { $0.reciprocal() },
    "Relu": { [try $0.x.dtype == .int32 ? .maximum($0.x, 0) : $0.x.relu()] },
    "Selu": {
      [
        try $0.x.selu(
          alpha: $0.number("alpha") ?? 1.67326319217681884765625,
          scale: $0.number("gamma") ?? 1.05070102214813232421875)
      ]
    },
    "Sigmoid": unary { $0.sigmoid() }, "Sign": { [try $0.x.signOfAny] },
    "Sin": unary { $0.sin() }, "Sinh": unary { $0.sinh() }, "Softplus": unary { $0.softplus() },
    "Softsign": unary { $0.softsign() }, "Sqrt": unary { $0.squareRoot() },
    "Swish": { [try $0.x.swish(beta: $0.number("alpha") ?? 1)] }, "Tan": unary { $0.tan() },
    "Tanh": unary { $0.tanh() },
    "ThresholdedRelu": { [try $0.x.thresholdedRelu(threshold: $0.number("alpha") ?? 1)] },
  ]

  /// Bounds are inputs, or attributes before version 11; either may be left out.
  private static let clip: OnnxOperator = { call in
    var x = try call.x
    func bound(_ number: Int, _ name: String) throws -> Tensor? {
      if let bound = try call.optional(number) { return bound }
      return call.number(name).map { .full([], $0, dtype: x.dtype) }
    }
    // The upper bound last: it wins where the bounds cross.
    if let least = try bound(1, "min") { x = .maximum(x, least) }
    if let most = try bound(2, "max") { x = .minimum(x, most) }
    return [x]
  }
}

extension Tensor {
  /// The magnitude, of integers too.
  fileprivate var magnitudeOfAny: Tensor {
    dtype == .int32 ? .maximum(self, 0 - self) : magnitude()
  }

  /// The sign, of integers too.
  fileprivate var signOfAny: Tensor {
    dtype == .int32 ? (self .> 0).cast(to: .int32) - (self .< 0).cast(to: .int32) : sign()
  }
}
