import Adjoint

extension OnnxOperators {
  /// Functions of two tensors or more, element by element.
  static let binary: [String: OnnxOperator] = [
    "Add": pairwise(+), "Sub": pairwise(-), "Mul": pairwise(*),
    "Div": pairwise { $0.dtype == .int32 ? $0.quotient(dividingBy: $1) : $0 / $1 },
    "Pow": pairwise(power),
    "PRelu": pairwise { $0.prelu(slope: $1) },
    "Greater": pairwise(.>), "GreaterOrEqual": pairwise(.>=), "Less": pairwise(.<),
    "LessOrEqual": pairwise(.<=),
    "Where": { [try $0.input(1).select(where: $0.input(0), otherwise: $0.input(2))] },
    "Max": folded(Tensor.maximum), "Min": folded(Tensor.minimum), "Sum": folded(+),
    "Mean": { [try $0.inputs.dropFirst().reduce($0.x, +) / Double($0.count)] },
  ]

  private static func pairwise(_ function: @escaping @Sendable (Tensor, Tensor) -> Tensor)
    -> OnnxOperator
  { { [function(try $0.input(0), try $0.input(1))] } }

  private static func folded(_ function: @escaping @Sendable (Tensor, Tensor) -> Tensor)
    -> OnnxOperator
  { { [try $0.inputs.dropFirst().reduce($0.x, function)] } }

  /// The result is of the base's type: of integers, the whole part of the power.
  private static func power(_ base: Tensor, _ exponent: Tensor) -> Tensor {
    if base.dtype.isFloatingPoint { return base.power(exponent.cast(to: base.dtype)) }
    return base.cast(to: .float64).power(exponent.cast(to: .float64)).cast(to: base.dtype)
  }
}
