import Adjoint

/// How far float32 results lie from float64 ones, and how far they may.
public struct PrecisionReport: Sendable, CustomStringConvertible {
  /// What was compared.
  public let name: String
  /// For each output and each gradient: what it is, its largest error, and the tolerance.
  public let comparisons: [(what: String, error: Double, tolerance: Double)]

  /// Whether every error is within its tolerance.
  public var passed: Bool { comparisons.allSatisfy { $0.error <= $0.tolerance } }

  /// One line for each comparison.
  public var description: String {
    ([name] + comparisons.map { "  \($0.what): error \($0.error), tolerance \($0.tolerance)" })
      .joined(separator: "\n")
  }
}

/// Compares the outputs and gradients of a function in float32 with those in float64 at the same
/// point.
///
/// Float32 is never differenced. What it may be off by follows from the function: ten times what
/// the float64 result moves when inputs change by two float32 units in the last place, 16 such
/// units of the largest element, and what float32 rounds to 0.
public func checkSinglePrecision(
  at inputs: [Tensor], seed: UInt64 = 0, name: String = "function",
  of function: @escaping ([Tensor]) -> [Tensor]
) -> PrecisionReport {
  var generator = Philox(seed: seed)
  let single = inputs.map { $0.dtype.isFloatingPoint ? $0.cast(to: .float32) : $0 }
  let double = single.map { $0.dtype.isFloatingPoint ? $0.cast(to: .float64) : $0 }
  let subject = Subject(function, at: double, using: &generator)
  let (got, want) = (subject.results(at: single), subject.results(at: double))
  var moved = want.map { _ in 0.0 }
  for _ in 0..<3 {
    let perturbed = double.map { $0.perturbed(by: .float32, using: &generator) }
    for (index, result) in subject.results(at: perturbed).enumerated() {
      moved[index] = max(moved[index], distance(result.values, want[index].values))
    }
  }
  let comparisons = want.indices.map { index in
    let largest = want[index].values.lazy.map(abs).filter(\.isFinite).max() ?? 0
    return (
      what: want[index].what, error: distance(got[index].values, want[index].values),
      tolerance: 10 * moved[index] + 16 * DType.float32.epsilon * largest
        + Double(Float.leastNormalMagnitude)
    )
  }
  return PrecisionReport(name: name, comparisons: comparisons)
}

extension Subject {
  /// The outputs at some inputs, of any precision, and the gradients, as doubles.
  fileprivate func results(at inputs: [Tensor]) -> [(what: String, values: [Double])] {
    var ignored: [String] = []
    let gradients = gradients(at: inputs, problems: &ignored)
    return function(inputs).enumerated().map { ("output \($0)", [Double]($1)) }
      + gradients.enumerated().compactMap { index, gradient in
        gradient.map { ("gradient \(index)", $0) }
      }
  }
}

extension Tensor {
  /// Each element moved by two units in the last place of a type, up or down; integers stay.
  func perturbed(by dtype: DType = .float64, using generator: inout Philox) -> Tensor {
    guard self.dtype.isFloatingPoint else { return self }
    let sign = Tensor.normal(shape, dtype: .float64, using: &generator).sign()
    return self * (1 + sign * (2 * dtype.epsilon))
  }
}

/// The largest difference; where one is not finite the other must be the same.
func distance(_ left: [Double], _ right: [Double]) -> Double {
  zip(left, right).reduce(0) { largest, pair in
    let (a, b) = pair
    if a == b || a.isNaN && b.isNaN { return largest }
    let difference = abs(a - b)
    return difference.isNaN ? .infinity : max(largest, difference)
  }
}
