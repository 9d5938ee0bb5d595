import Adjoint

/// What computes an operator of ONNX: one or more outputs of a call.
typealias OnnxOperator = @Sendable (OnnxCall) throws -> [Tensor]

/// The operators of ONNX, each by the methods that a user of this package would call.
enum OnnxOperators {
  /// All that are ready.
  static let all: [String: OnnxOperator] = [
    pointwise, binary, reductions, shapes, indexing, products, images, normalization, losses,
    attention, training,
  ].reduce(into: [:]) { all, table in all.merge(table) { own, _ in own } }

  /// An operator of one tensor.
  static func unary(_ function: @escaping @Sendable (Tensor) -> Tensor) -> OnnxOperator {
    { [function(try $0.x)] }
  }
}
