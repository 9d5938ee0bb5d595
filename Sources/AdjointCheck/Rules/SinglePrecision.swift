import Adjoint

/// A function at one point in both precisions.
struct SinglePrecision {
  /// An output or a gradient.
  private typealias Result = (what: String, values: [Double])

  private let subject: Subject
  private let single: [Tensor]
  private let double: [Tensor]
  /// Why the two cannot be compared; nil if they can.
  private(set) var obstacle: String?
  /// Whether the function has other constants in float32 than in float64.
  private var hasOtherConstants = false
  /// Whether another point would not do either.
  private(set) var isHopeless = false

  init(
    _ function: @escaping ([Tensor]) -> [Tensor], at inputs: [Tensor],
    using generator: inout Philox
  ) {
    single = inputs.map { $0.taken(in: .float32) }
    double = single.map { $0.taken(in: .float64) }
    subject = Subject(function, at: double, holding: .nothing, using: &generator)
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
      let tape = Subject.record(function, single, on: .recording(in: .float32)).tape
      hasOtherConstants = SinglePrecision.areOthers(tape.constants, subject.here.tape.constants)
      let there = tape.branches()
      let other = zip(subject.here.branches, there).first { $0 != $1 }
      if let other {
        obstacle = "rounding takes \(other.0.operation) to another piece"
      } else if there.count != subject.here.branches.count {
        obstacle = "the function is another one there"
      }
    }
  }

  /// Whether constants are not the rounded ones, as random numbers are not: those have fewer digits, however small they
  /// are.
  private static func areOthers(_ rounded: [Tensor], _ exact: [Tensor]) -> Bool {
    zip(rounded, exact).contains { rounded, exact in
      rounded.dtype.isFloatingPoint && rounded.shape == exact.shape
        && zip([Double](rounded), [Double](exact)).contains {
          abs($0 - $1) > DType.float32.epsilon * abs($1)
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

  /// Of each output and gradient the error of the element that is furthest beyond what it may be, or nearest to it,
  /// and how large that may be.
  ///
  /// Of each element by itself: one that is small beside others may be wrong altogether.
  func errors(
    names: [String], order: Int, using generator: inout Philox
  ) -> [(what: String, error: Double, tolerance: Double)] {
    let want = results(at: double, .float64, names)
    let got = results(at: single, .float32, names)
    var moved = want.map { Moves(of: $0.values) }
    for _ in 0..<3 { perturb(want, got, names, &moved, using: &generator) }
    // What gradients are made of cancels within their kernels, and was as large as the cotangents.
    let uncancelled = order == 2 ? subject.largestCotangent : 0
    func worst() -> [(error: Double, tolerance: Double)] {
      want.indices.map { index in
        let values = want[index].values
        let largest = hasOtherConstants ? values.lazy.map(abs).filter(\.isFinite).max() ?? 0 : 0
        return moved[index].worst(values, got[index].values, floor: max(uncancelled, largest))
      }
    }
    var errors = worst()
    if errors.contains(where: { $0.error > $0.tolerance }) {
      // By chance few draws may all have moved an element by little; and what cancels on the way makes more of its
      // rounding than of the inputs'.
      for _ in 0..<6 {
        perturb(want, got, names, &moved, using: &generator)
        round(want, names, &moved, using: &generator)
      }
      errors = worst()
    }
    // Where rounding explains that an output is not finite, it explains that its gradients are not.
    let outputCount = subject.here.outputs.count
    if errors[..<outputCount].contains(where: { !$0.tolerance.isFinite }) {
      for place in errors.indices where !errors[place].error.isFinite {
        errors[place].tolerance = .infinity
      }
    }
    return zip(want, errors).map { ($0.what, $1.error, $1.tolerance) }
  }

  /// Moves the inputs by two units in the last place of float32.
  private func perturb(
    _ want: [Result], _ got: [Result], _ names: [String], _ moved: inout [Moves],
    using generator: inout Philox
  ) {
    let perturbed = double.map { $0.perturbed(by: .float32, using: &generator) }
    let beside = results(at: perturbed, .float64, names)
    // A result that cancels is nothing but rounding in either precision.
    let single = results(at: perturbed.map { $0.taken(in: .float32) }, .float32, names)
    for index in want.indices {
      moved[index].add(beside[index].values, want[index].values)
      moved[index].add(single[index].values, got[index].values)
    }
  }

  /// Gives each result on the way to the outputs, and each cotangent on the way back, a random rounding error of
  /// float32.
  private func round(
    _ want: [Result], _ names: [String], _ moved: inout [Moves], using generator: inout Philox
  ) {
    let there = results(
      at: double, .float64, names, roundingErrors(in: .float32, using: &generator))
    let exact = subject.gradients()
    let back = subject.roundedGradients(exact, in: .float32, using: &generator)
    for index in want.indices {
      moved[index].add(there[index].values, want[index].values, onTheWay: true)
    }
    var index = subject.here.outputs.count
    for case (let exact?, let back?) in zip(exact, back) {
      moved[index].add(back, exact, onTheWay: true)
      index += 1
    }
  }

  /// The outputs at some inputs, and the gradients, as doubles.
  private func results(
    at inputs: [Tensor], _ precision: DType, _ names: [String],
    _ altering: (@Sendable (Tensor) -> Tensor)? = nil
  ) -> [Result] {
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
