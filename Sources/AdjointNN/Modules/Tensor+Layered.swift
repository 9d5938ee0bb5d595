import Adjoint

extension Tensor {
  /// Calls `body`, all that a layer does: it is one group in listings, and a message of the functions that the layer is
  /// made of is said in its name, as `Conv2D: … (in blocks.1.conv1)`.
  ///
  /// Not for a layer that is made of layers, which speak for themselves.
  func layered<Result>(
    _ layer: String, with parameter: Tensor? = nil, _ body: () throws -> Result
  ) rethrows -> Result {
    try grouped(layer, with: parameter) { try speaking(as: layer, body) }
  }
}
