import Adjoint

/// An input of a case: the same for all seeds, or drawn anew for each.
struct CaseInput: Sendable {
  private let draw: @Sendable (inout Philox) -> Tensor

  /// Normally distributed numbers.
  static func normal(_ shape: Int..., mean: Double = 0, deviation: Double = 1) -> CaseInput {
    CaseInput {
      .normal(shape, mean: mean, deviation: deviation, dtype: .float64, using: &$0)
    }
  }

  /// Numbers from a range, each as likely.
  static func uniform(_ shape: Int..., in range: Range<Double>) -> CaseInput {
    CaseInput { .uniform(shape, in: range, dtype: .float64, using: &$0) }
  }

  /// The given numbers, in one row.
  static func fixed(_ elements: Double...) -> CaseInput {
    CaseInput { _ in Tensor(elements, dtype: .float64) }
  }

  /// The given numbers in a shape.
  static func fixed(_ elements: [Double], shape: [Int]) -> CaseInput {
    CaseInput { _ in Tensor(elements, shape: shape, dtype: .float64) }
  }

  /// The same number everywhere.
  static func full(_ shape: Int..., of value: Double) -> CaseInput {
    CaseInput { _ in .full(shape, value, dtype: .float64) }
  }

  /// The given integers, such as labels and places.
  static func integers(_ elements: Int...) -> CaseInput {
    CaseInput { _ in Tensor(elements) }
  }

  /// Another input, and what becomes of it.
  func map(_ transform: @escaping @Sendable (Tensor) -> Tensor) -> CaseInput {
    CaseInput { transform(draw(&$0)) }
  }

  fileprivate func drawn(using generator: inout Philox) -> Tensor { draw(&generator) }
}

extension [CaseInput] {
  /// The point of a seed.
  func drawn(_ seed: UInt64) -> [Tensor] {
    var generator = Philox(seed: seed &+ 1000)
    return map { $0.drawn(using: &generator) }
  }
}

extension Tensor {
  /// Integers, such as indices: a literal alone would be float32.
  static func places(_ numbers: Int...) -> Tensor { Tensor(numbers) }
}
