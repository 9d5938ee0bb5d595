import Adjoint

extension OnnxOperators {
  /// Products that are summed over.
  static let products: [String: OnnxOperator] = [
    "MatMul": { [try $0.input(0).matMul(try $0.input(1))] },
    "Einsum": { [.einsum($0.text("equation") ?? "", try $0.inputs)] },
    "Gemm": { call in
      var y = try call.input(0).matMul(
        try call.input(1), transposingSelf: call.flag("transA"),
        transposingOther: call.flag("transB"))
      if let alpha = call.number("alpha") { y = y * alpha }
      guard let bias = try call.optional(2) else { return [y] }
      return [y + bias * (call.number("beta") ?? 1)]
    },
  ]
}
