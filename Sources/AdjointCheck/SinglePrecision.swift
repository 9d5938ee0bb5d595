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
  of function: ([Tensor]) -> [Tensor]
) -> PrecisionReport {
  var generator = Philox(seed: seed)
  let single = inputs.map { $0.dtype.isFloatingPoint ? $0.cast(to: .float32) : $0 }
  let double = single.map { $0.dtype.isFloatingPoint ? $0.cast(to: .float64) : $0 }
  let cotangents = function(double).map { output in
    output.dtype.isFloatingPoint
      ? Tensor.normal(output.shape, using: &generator).cast(to: .float64) : nil
  }
  let got = results(of: function, at: single, cotangents)
  let want = results(of: function, at: double, cotangents)
  var moved = want.map { _ in 0.0 }
  for _ in 0..<3 {
    let perturbed = double.map { input in
      guard input.dtype.isFloatingPoint else { return input }
      let sign = Tensor.normal(input.shape, dtype: .float64, using: &generator).sign()
      return input * (1 + sign * (2 * DType.float32.epsilon))
    }
    for (index, result) in results(of: function, at: perturbed, cotangents).enumerated() {
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

/// The outputs of a function, and the gradients for the given cotangents, as doubles.
private func results(
  of function: ([Tensor]) -> [Tensor], at inputs: [Tensor], _ cotangents: [Tensor?]
) -> [(what: String, values: [Double])] {
  let tape = Tape()
  let watched = inputs.map { $0.dtype.isFloatingPoint ? tape.watch($0) : $0 }
  let outputs = function(watched)
  let seeds = zip(outputs, cotangents).map { output, cotangent in cotangent?.cast(to: output.dtype)
  }
  let pairs = zip(outputs, seeds).filter { $0.0.tape != nil && $0.1 != nil }
  let gradients = tape.gradients(
    of: pairs.map(\.0), seeds: pairs.map(\.1), with: watched.filter { $0.tape != nil })
  return outputs.enumerated().map { ("output \($0)", [Double]($1)) }
    + gradients.enumerated().map { ("gradient \($0)", [Double]($1)) }
}

/// The largest difference; where one is not finite the other must be the same.
private func distance(_ left: [Double], _ right: [Double]) -> Double {
  zip(left, right).reduce(0) { largest, pair in
    let (a, b) = pair
    if a == b || a.isNaN && b.isNaN { return largest }
    let difference = abs(a - b)
    return difference.isNaN ? .infinity : max(largest, difference)
  }
}
