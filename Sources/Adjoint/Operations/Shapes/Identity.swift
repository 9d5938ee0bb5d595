/// The same value under a new number, so that a gradient can be taken of this use alone.
///
///     x: [A…]   →   [A…]
///
/// Pullback: x̄ = ȳ.
struct Identity: LinearOperation, UnroundedOperation {
  var name: String { "identity" }
  var elementTypes: ElementTypes { .all }
  var reads: Reads { .nothing }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
  func repetition(of input: TensorType) -> Repetition? { .none(of: input) }

  func pullback(_ rule: inout Pullback) {
    let g = rule.cotangent
    rule.set(0, to: g)
  }

  static var samples: [Sample] {
    [Sample("matrix", Identity(), [.sample([2, 3])])]
  }
}
