/// The same value, through which no gradient passes.
///
///     x: [A…]   →   [A…]
///
/// Pullback: x̄ = 0.
struct StopGradient: Operation {
  var name: String { "stopGradient" }
  var elementTypes: ElementTypes { .all }
  var reads: Reads { .nothing }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
  func repetition(of input: TensorType) -> Repetition? { .none(of: input) }

  func pullback(_ rule: inout Pullback) {}

  static var samples: [Sample] {
    [Sample("matrix", StopGradient(), [.sample([2, 3])], isSmooth: false)]
  }
}

extension Tensor {
  /// Returns the same value as a constant for gradients, recorded on its tape and computed when
  /// needed.
  ///
  /// Pullback: x̄ = 0.
  public func stoppingGradient() -> Tensor { StopGradient()(self) }
}
