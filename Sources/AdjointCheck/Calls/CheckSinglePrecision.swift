import Adjoint

/// How far float32 results lie from float64 ones, and how far they may.
public struct PrecisionReport: Sendable, CustomStringConvertible {
  /// What was compared.
  public let name: String
  /// For each output and each gradient: what it is, the error of the element that is furthest off, and
  /// its tolerance.
  public let comparisons: [(what: String, error: Double, tolerance: Double)]
  /// Why nothing could be compared; nil if it was.
  public let obstacle: String?

  /// Whether every error is within its tolerance.
  public var passed: Bool { comparisons.allSatisfy { $0.error <= $0.tolerance } }

  /// One line for each comparison.
  public var description: String {
    ([name] + comparisons.map { "  \($0.what): error \($0.error), tolerance \($0.tolerance)" }
      + (obstacle.map { ["  not compared: \($0)"] } ?? []))
      .joined(separator: "\n")
  }
}

/// Compares the outputs and gradients of a function in float32 with those in float64 at the same
/// point.
///
/// Float32 is never differenced. What it may be off by follows from the function: ten times what
/// each element moves when inputs change by two float32 units in the last place, and by rounding on the way, 16 such
/// units of itself, and what float32 rounds to 0. Where rounding takes a piecewise operation to
/// another piece, a point beside the given one is taken. Constants of the function are taken in float32 too.
public func checkSinglePrecision(
  at inputs: [Tensor], seed: UInt64 = 0, name: String = "function", inputNames: [String]? = nil,
  of function: @escaping ([Tensor]) -> [Tensor]
) -> PrecisionReport {
  comparison(at: inputs, seed, name, inputNames, order: 1, function)
}

/// The comparison of a function, or of the gradients of one as a function themselves.
private func comparison(
  at inputs: [Tensor], _ seed: UInt64, _ name: String, _ inputNames: [String]?, order: Int,
  _ function: @escaping ([Tensor]) -> [Tensor]
) -> PrecisionReport {
  var generator = Philox(seed: seed, draw: 6 << 40)
  let names = inputNames ?? inputs.indices.map { "gradient \($0)" }
  var obstacle: String?
  for attempt in 0..<4 {
    let point = attempt == 0 ? inputs : inputs.map { $0.jittered(using: &generator) }
    let comparison = SinglePrecision(function, at: point, using: &generator)
    obstacle = comparison.obstacle
    if obstacle == nil {
      let errors = comparison.errors(names: names, order: order, using: &generator)
      return PrecisionReport(name: name, comparisons: errors, obstacle: nil)
    }
    if comparison.isHopeless { break }
  }
  return PrecisionReport(name: name, comparisons: [], obstacle: obstacle)
}

extension FunctionCheck {
  /// Compares the function in float32 with itself in float64: float32 is never differenced.
  mutating func compareInSinglePrecision(
    _ function: @escaping ([Tensor]) -> [Tensor], at inputs: [Tensor], names: [String],
    order: Int = 1
  ) {
    let precision = comparison(
      at: inputs, seed, name,
      names.map { "the gradient of \($0)\(order == 2 ? " at second order" : "")" }, order: order,
      function)
    if precision.comparisons.contains(where: { !$0.tolerance.isFinite }) {
      note("float32 was not compared everywhere: what rounding explains is not finite")
    }
    if let obstacle = precision.obstacle { note("float32 was not compared: \(obstacle)") }
    for comparison in precision.comparisons where !(comparison.error <= comparison.tolerance) {
      let how =
        comparison.error.isFinite
        ? "is off by \(comparison.error.brief), where rounding explains \(comparison.tolerance.brief)"
        : "is not finite, or infinite elsewhere"
      find(.fail, "in float32 \(comparison.what) \(how); in float64 it is right")
    }
  }
}
