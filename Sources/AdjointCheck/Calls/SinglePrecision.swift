import Adjoint
import Synchronization

/// How far float32 results lie from float64 ones, and how far they may.
public struct PrecisionReport: Sendable, CustomStringConvertible {
  /// What was compared.
  public let name: String
  /// For each output and each gradient: what it is, its largest error, and the tolerance.
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
/// the float64 result moves when inputs change by two float32 units in the last place, 16 such
/// units of the largest element, and what float32 rounds to 0. Where rounding takes a piecewise operation to
/// another piece, a point beside the given one is taken. Constants of the function are taken in float32 too.
public func checkSinglePrecision(
  at inputs: [Tensor], seed: UInt64 = 0, name: String = "function", inputNames: [String]? = nil,
  of function: @escaping ([Tensor]) -> [Tensor]
) -> PrecisionReport {
  var generator = Philox(seed: seed, draw: 6 << 40)
  let names = inputNames ?? inputs.indices.map { "gradient \($0)" }
  var obstacle: String?
  for attempt in 0..<4 {
    let point = attempt == 0 ? inputs : inputs.map { $0.jittered(using: &generator) }
    let comparison = SinglePrecision(function, at: point, using: &generator)
    obstacle = comparison.obstacle
    if obstacle == nil {
      let errors = comparison.errors(names: names, using: &generator)
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
    let precision = checkSinglePrecision(
      at: inputs, seed: seed,
      inputNames: names.map { "the gradient of \($0)\(order == 2 ? " at second order" : "")" },
      of: function)
    if precision.comparisons.contains(where: { !$0.tolerance.isFinite }) {
      note("float32 was not compared everywhere: what rounding explains is not finite")
    }
    if let obstacle = precision.obstacle { note("float32 was not compared: \(obstacle)") }
    for comparison in precision.comparisons where !(comparison.error <= comparison.tolerance) {
      find(
        .fail,
        "in float32 \(comparison.what) is off by \(comparison.error.brief), where rounding explains "
          + "\(comparison.tolerance.brief); in float64 it is right")
    }
  }
}

/// A function at one point in both precisions.
private struct SinglePrecision {
  private let subject: Subject
  private let single: [Tensor]
  private let double: [Tensor]
  /// Why the two cannot be compared; nil if they can.
  private(set) var obstacle: String?
  /// Whether another point would not do either.
  private(set) var isHopeless = false

  init(
    _ function: @escaping ([Tensor]) -> [Tensor], at inputs: [Tensor],
    using generator: inout Philox
  ) {
    single = inputs.map { $0.taken(in: .float32) }
    double = single.map { $0.taken(in: .float64) }
    subject = Subject(function, at: double, using: &generator)
    if subject.here.tape.differentiatesOtherValues {
      obstacle = "it takes gradients of float64 values of its own"
      isHopeless = true
      return
    }
    let inspected = Subject.record(function, single, on: .forInspection(in: .float32))
    if let missing = inspected.tape.missingKernel() {
      (obstacle, isHopeless) = (missing, true)
    } else if !zip(inputs, double).allSatisfy({ SinglePrecision.isHeld($0, $1) }) {
      (obstacle, isHopeless) = ("the point is out of its range", true)
    } else if subject.leavesSinglePrecision {
      (obstacle, isHopeless) = ("a value on the way is out of its range", true)
    } else {
      let there = Subject.record(function, single, on: .recording(in: .float32)).tape.branches()
      let other = zip(subject.here.branches, there).first { $0 != $1 }
      if let other {
        obstacle = "rounding takes \(other.0.operation) to another piece"
      } else if there.count != subject.here.branches.count {
        obstacle = "the function is another one there"
      }
    }
  }

  /// Whether float32 numbers stand for float64 ones.
  private static func isHeld(_ exact: Tensor, _ rounded: Tensor) -> Bool {
    guard exact.dtype.isFloatingPoint else { return true }
    return zip([Double](exact), [Double](rounded)).allSatisfy { a, b in
      a == b || a.isNaN || abs(a - b) <= 1e-6 * abs(a)
    }
  }

  /// The largest error of each output and gradient, and how large it may be.
  func errors(
    names: [String], using generator: inout Philox
  ) -> [(what: String, error: Double, tolerance: Double)] {
    let want = results(at: double, .float64, names)
    let got = results(at: single, .float32, names)
    var moved = want.map { _ in 0.0 }
    for _ in 0..<3 {
      let perturbed = double.map { $0.perturbed(by: .float32, using: &generator) }
      let beside = results(at: perturbed, .float64, names)
      // A result that cancels is nothing but rounding in either precision.
      let single = results(at: perturbed.map { $0.taken(in: .float32) }, .float32, names)
      for index in want.indices {
        moved[index] = max(
          moved[index], distance(beside[index].values, want[index].values),
          distance(single[index].values, got[index].values))
      }
    }
    var tolerances = want.indices.map { index in
      let largest = want[index].values.lazy.map(abs).filter(\.isFinite).max() ?? 0
      return 10 * moved[index] + 16 * DType.float32.epsilon * largest
        + Double(Float.leastNormalMagnitude)
    }
    let errors = want.indices.map { distance(got[$0].values, want[$0].values) }
    if zip(errors, tolerances).contains(where: { $0 > $1 }) {
      // What cancels on the way makes more of its rounding than of the inputs'.
      for (index, rounded) in rounded(names, want, using: &generator).enumerated() {
        tolerances[index] += 10 * rounded
      }
    }
    return want.indices.map { (want[$0].what, errors[$0], tolerances[$0]) }
  }

  /// How far results move when each result on the way to them has a random rounding error of float32.
  private func rounded(
    _ names: [String], _ want: [(what: String, values: [Double])], using generator: inout Philox
  ) -> [Double] {
    var moved = want.map { _ in 0.0 }
    for _ in 0..<3 {
      let errors = Mutex(Philox(seed: generator.next()))
      let altering: @Sendable (Tensor) -> Tensor = { result in
        guard result.dtype.isFloatingPoint else { return result }
        let normal = errors.withLock {
          Tensor.normal(
            result.shape, deviation: DType.float32.epsilon / 2, dtype: result.dtype, using: &$0)
        }
        let error = result * normal
        return (result + error).select(where: error.magnitude() .< .infinity, otherwise: result)
      }
      let results = results(at: double, .float64, names, altering)
      for index in want.indices {
        moved[index] = max(moved[index], distance(results[index].values, want[index].values))
      }
    }
    return moved
  }

  /// The outputs at some inputs, and the gradients, as doubles.
  private func results(
    at inputs: [Tensor], _ precision: DType, _ names: [String],
    _ altering: (@Sendable (Tensor) -> Tensor)? = nil
  ) -> [(what: String, values: [Double])] {
    var ignored: [String] = []
    let request = Subject.Request(inputs: inputs, precision: precision, altering: altering)
    let results = subject.results(request, problems: &ignored)
    return results.outputs.enumerated().map { ("output \($0)", [Double]($1)) }
      + results.gradients.enumerated().compactMap { index, gradient in
        gradient.map { (names[index], $0) }
      }
  }
}

extension Subject {
  /// Whether a value on the way to the outputs is too large for float32, or so small that it is 0 there.
  fileprivate var leavesSinglePrecision: Bool {
    let values = here.tape.values(between: here.tape.watchedTensors, and: here.outputs)
    let range =
      1e3 * Double(Float.leastNormalMagnitude)...1e-3 * Double(Float.greatestFiniteMagnitude)
    return (values + here.outputs.filter(\.dtype.isFloatingPoint)).contains { value in
      // Where some are lost beside others, as the shares of a softmax, nothing else is.
      let largest = [Double](value).map(\.magnitude).filter { $0 != 0 && $0.isFinite }.max()
      return largest.map { !range.contains($0) } ?? false
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

  /// The same in a precision, unless it is no floating-point tensor.
  func taken(in precision: DType) -> Tensor {
    dtype.isFloatingPoint ? cast(to: precision) : self
  }

  /// Each element changed by about a thousandth of itself.
  fileprivate func jittered(using generator: inout Philox) -> Tensor {
    guard dtype.isFloatingPoint else { return self }
    return self * (1 + 1e-3 * Tensor.normal(shape, dtype: dtype, using: &generator))
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
