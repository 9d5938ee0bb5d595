import Adjoint

/// A module that makes one tensor of another.
public protocol Layer: Module {
  /// Applies the layer. Mutating, since training changes state, such as running statistics.
  mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor
}

/// What a layer is applied for; always said, never assumed.
public enum Mode: Sendable {
  /// Statistics are those of the batch, dropout drops, and state changes.
  case training
  /// Statistics are the running ones, nothing is random, and nothing changes.
  case inference
}

extension Layer {
  /// Returns the result of inference on a copy; the layer itself does not change.
  ///
  /// Safe to call from many tasks at once.
  public func predict(_ x: Tensor) -> Tensor {
    var copy = self
    return copy(x, .inference)
  }
}
