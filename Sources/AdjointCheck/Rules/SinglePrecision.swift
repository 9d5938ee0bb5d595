import Adjoint

/// A function at one point in both precisions.
struct SinglePrecision {
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
    names: [String], order: Int, using generator: inout Philox
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
    // What gradients are made of cancels within their kernels, and was as large as the cotangents.
    let uncancelled = order == 2 ? subject.largestCotangent : 0
    var tolerances = want.indices.map { index in
      let values = want[index].values.lazy.map(abs).filter(\.isFinite)
      let largest = max(values.max() ?? 0, uncancelled)
      return 10 * moved[index] + 16 * DType.float32.epsilon * largest
        + Double(Float.leastNormalMagnitude)
    }
    let errors = want.indices.map { distance(got[$0].values, want[$0].values) }
    if zip(errors, tolerances).contains(where: { $0 > $1 }) {
      // What cancels on the way makes more of its rounding than of the inputs'.
      for (index, rounded) in rounded(names, want, using: &generator).enumerated() {
        tolerances[index] += 10 * rounded
      }
      for (index, rounded) in roundedOnTheWayBack(using: &generator).enumerated() {
        tolerances[subject.here.outputs.count + index] += 10 * rounded
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
      let results = results(
        at: double, .float64, names, roundingErrors(in: .float32, using: &generator))
      for index in want.indices {
        moved[index] = max(moved[index], distance(results[index].values, want[index].values))
      }
    }
    return moved
  }

  /// How far gradients move when each cotangent on the way back has a random rounding error of float32.
  private func roundedOnTheWayBack(using generator: inout Philox) -> [Double] {
    let exact = subject.gradients()
    var moved = exact.compactMap { $0 }.map { _ in 0.0 }
    for _ in 0..<3 {
      let rounded = subject.roundedGradients(exact, in: .float32, using: &generator)
      let pairs = zip(exact, rounded).compactMap { pair in
        pair.0.flatMap { exact in pair.1.map { (exact, $0) } }
      }
      for (index, (exact, rounded)) in pairs.enumerated() {
        moved[index] = max(moved[index], distance(exact, rounded))
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
    let request = Subject.Request(
      inputs: inputs, precision: precision, isComposing: altering != nil, altering: altering)
    let results = subject.results(request, problems: &ignored)
    return results.outputs.enumerated().map { ("output \($0)", [Double]($1)) }
      + results.gradients.enumerated().compactMap { index, gradient in
        gradient.map { (names[index], $0) }
      }
  }
}

extension Subject {
  fileprivate var largestCotangent: Double {
    cotangents.compactMap { $0 }.flatMap { [Double]($0) }.lazy.map(abs).max() ?? 0
  }

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

/// The largest difference; where one is not finite the other must be the same.
func distance(_ left: [Double], _ right: [Double]) -> Double {
  zip(left, right).reduce(0) { largest, pair in
    let (a, b) = pair
    if a == b || a.isNaN && b.isNaN { return largest }
    let difference = abs(a - b)
    return difference.isNaN ? .infinity : max(largest, difference)
  }
}
