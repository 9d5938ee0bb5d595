import Adjoint

/// A function at a point with a cotangent for each output: what is differentiated and differenced.
final class Subject {
  let function: ([Tensor]) -> [Tensor]
  let inputs: [Tensor]
  let cotangents: [Tensor?]
  /// The function at the point.
  let here: Evaluation
  /// What is held constant wherever the function is evaluated, as its gradient is stopped; nil for nothing.
  let held: StoppedValues?
  /// How often the function has been evaluated.
  private(set) var evaluations = 0

  /// Which values are held constant, of those whose gradient is stopped.
  enum Holding { case nothing, definitions, all }

  /// The function, recorded on a tape of its own.
  struct Evaluation {
    let tape: Tape
    let outputs: [Tensor]
    /// The pieces that piecewise operations are on; empty for a smooth function.
    let branches: [BranchChoice]
  }

  init(
    _ function: @escaping ([Tensor]) -> [Tensor], at inputs: [Tensor],
    _ weights: BriefCheck.Weights = .normal, holding: Holding = .definitions,
    using generator: inout Philox
  ) {
    self.function = function
    self.inputs = inputs
    let first = Subject.evaluate(function, inputs)
    held =
      holding == .nothing
      ? nil : first.tape.stoppedValues(byDefinition: holding == .definitions)
    here = held == nil ? first : Subject.evaluate(function, inputs, holding: held)
    evaluations = held == nil ? 1 : 2
    if case .given(let cotangents) = weights {
      self.cotangents = cotangents
      return
    }
    // What is so small beside other outputs may be the rounding that has cancelled to it.
    let floor = 1e-8 * (here.outputs.map(Subject.largest).max() ?? 0)
    // Random, never ones: a plain sum says nothing about batch norm.
    var cotangents: [Tensor?] = []
    for output in here.outputs {
      guard output.dtype.isFloatingPoint else {
        cotangents.append(nil)
        continue
      }
      let normal = Tensor.normal(output.shape, dtype: .float64, using: &generator)
      cotangents.append(
        (normal * Subject.factors(output, weights, floor)).cast(to: output.dtype).detached)
    }
    self.cotangents = cotangents
  }

  /// The largest magnitude of the finite elements of an output.
  private static func largest(of output: Tensor) -> Double {
    guard output.dtype.isFloatingPoint else { return 0 }
    return [Double](output).lazy.filter(\.isFinite).map(abs).max() ?? 0
  }

  /// What the cotangent of an output is multiplied by: 0 where it is not finite, and has no derivative.
  private static func factors(
    _ output: Tensor, _ weights: BriefCheck.Weights, _ floor: Double
  ) -> Tensor {
    let largest = max(largest(of: output), floor)
    func inverse(_ size: Double) -> Double { size > 0 ? 1 / size : 1 }
    let factors = [Double](output).map { value -> Double in
      guard value.isFinite else { return 0 }
      return switch weights {
      case .normal, .given: 1.0
      case .balanced: inverse(largest)
      case .relative: inverse(abs(value))
      }
    }
    return Tensor(factors, shape: output.shape, dtype: .float64)
  }

  /// The function recorded on a tape of its own, in float64 unless said otherwise.
  static func record(
    _ function: ([Tensor]) -> [Tensor], _ inputs: [Tensor],
    on tape: Tape = .recording(in: .float64)
  ) -> (tape: Tape, outputs: [Tensor]) {
    let outputs = function(inputs.map { $0.dtype.isFloatingPoint ? tape.watch($0) : $0 })
    return (tape, outputs)
  }

  private static func evaluate(
    _ function: ([Tensor]) -> [Tensor], _ inputs: [Tensor], holding held: StoppedValues? = nil
  ) -> Evaluation {
    let (tape, outputs) = record(
      function, inputs, on: .recording(in: .float64, holding: held))
    for output in outputs { output.compute() }
    return Evaluation(tape: tape, outputs: outputs, branches: tape.branches())
  }

  /// The function with one input replaced.
  func evaluation(replacing index: Int, by elements: [Double]) -> Evaluation {
    evaluations += 1
    var inputs = inputs
    inputs[index] = Tensor(elements, shape: inputs[index].shape, dtype: .float64)
    let there = Subject.evaluate(function, inputs, holding: held)
    return accepts(there.outputs) ? there : here
  }

  /// Types of outputs that are not those at the point; nil if there were none.
  private(set) var otherTypes: [TensorType]?

  /// Whether outputs have the types of those at the point.
  func hasTypesOfHere(_ outputs: [Tensor]) -> Bool {
    outputs.count == here.outputs.count
      && outputs.indices.allSatisfy { outputs[$0].type == here.outputs[$0].type }
  }

  /// The same; if not, it is known from now on.
  func accepts(_ outputs: [Tensor]) -> Bool {
    if hasTypesOfHere(outputs) { return true }
    otherTypes = outputs.map(\.type)
    return false
  }

  /// The change of Φ = Σ ⟨cotangent, output⟩ between two evaluations, and the sum of the magnitudes of what
  /// is added up to it.
  func change(from a: Evaluation, to b: Evaluation) -> (total: Double, gross: Double) {
    var changes = Changes(from: a.tape, to: b.tape, areInfinite: hasInfinite)
    return sum(a, b) { changes.change(from: $0, to: $1) }
  }

  /// A change of Φ that is nothing but rounding: what becomes of errors of half a unit in the last place in
  /// the values that moved from the point to another one; in those at the point alone, if only they matter.
  func rounding(to there: Evaluation, ofHere: Bool = false, using generator: inout Philox) -> Double
  {
    (0..<3).map { _ in
      let errors = Changes.Rounding(
        using: Philox(seed: generator.next()), epsilon: epsilon, isOfFirst: ofHere)
      var changes = Changes(from: here.tape, to: there.tape, rounding: errors)
      let total = abs(sum(here, there) { changes.change(from: $0, to: $1) }.total)
      return total.isFinite ? total : 0
    }.max() ?? 0
  }

  /// How far off a change of Φ may be by its own rounding: changes that are pushed on may cancel.
  func roundingOfChange(
    from below: Evaluation, to above: Evaluation, using generator: inout Philox
  ) -> Double {
    let exact = change(from: below, to: above).total
    return (0..<3).map { _ in
      var changes = Changes(
        from: below.tape, to: above.tape, blurring: Philox(seed: generator.next()),
        areInfinite: hasInfinite)
      let error = abs(sum(below, above) { changes.change(from: $0, to: $1) }.total - exact)
      return error.isFinite ? error : 0
    }.max() ?? 0
  }

  /// As large as all cotangents together.
  private(set) lazy var cotangentScale: Double = cotangents.compactMap { $0 }
    .reduce(0) { $0 + [Double]($1).reduce(0) { $0 + abs($1) } }

  /// Whether the function may stop the program far from the point.
  private(set) lazy var isConfined = here.tape.castsToIntegers

  /// The relative rounding error of the precision that the function computes in: that of float32 if
  /// some of it does.
  private(set) lazy var epsilon: Double = {
    if here.tape.computesSinglePrecision { return DType.float32.epsilon }
    guard Subject.areSingle(here.outputs) else { return .ulpOfOne }
    // Of a few round inputs results may be so by chance.
    var generator = Philox(seed: 1)
    let beside = Subject.evaluate(function, inputs.map { $0.moved(using: &generator) })
    evaluations += 1
    return Subject.areSingle(beside.outputs) ? DType.float32.epsilon : .ulpOfOne
  }()

  /// Whether all numbers are those of float32, and not only because they are round.
  private static func areSingle(_ tensors: [Tensor]) -> Bool {
    let numbers = tensors.filter(\.dtype.isFloatingPoint).flatMap { [Double]($0) }
    return numbers.allSatisfy { Double(Float($0)) == $0 }
      && numbers.contains { $0 != 0 && $0.significandBitPattern.trailingZeroBitCount < 40 }
  }

  /// Whether an evaluation has other outputs than the point.
  func isMoved(_ evaluation: Evaluation) -> Bool {
    zip(here.outputs, evaluation.outputs).contains { [Double]($0) != [Double]($1) }
  }

  private func sum(
    _ a: Evaluation, _ b: Evaluation, _ change: (Tensor, Tensor) -> Tensor?
  ) -> (total: Double, gross: Double) {
    var (total, rest, gross) = (0.0, 0.0, 0.0)
    for (number, weights) in weights.enumerated() {
      guard let weights, let change = change(a.outputs[number], b.outputs[number]) else {
        continue
      }
      for (change, weight) in zip([Double](change), weights) {
        let product = change * weight
        // What is unknown at the point, such as the mean of nothing, has no part in it.
        if hasUnknown, product.isNaN { continue }
        let sum = total + product
        // What the sum has lost of the smaller one (Neumaier).
        rest += abs(total) >= abs(product) ? total - sum + product : product - sum + total
        total = sum
        gross += abs(product)
      }
    }
    return (rest.isFinite ? total + rest : total, gross)
  }

  /// The elements of the cotangents.
  private lazy var weights = cotangents.map { cotangent in cotangent.map { [Double]($0) } }

  /// As large as what Φ adds up at the point.
  private(set) lazy var scale: Double = {
    var sum = 0.0
    for case (let output, let cotangent?) in zip(here.outputs, cotangents) {
      let products = zip([Double](output), [Double](cotangent)).map { abs($0 * $1) }
      sum += products.filter(\.isFinite).reduce(0, +)
    }
    return sum
  }()

  /// Whether some output is infinite or no number.
  private(set) lazy var hasInfinite = here.outputs.contains { $0.firstNotFinite != nil }

  /// Whether some output is no number.
  private(set) lazy var hasUnknown = here.outputs.contains { output in
    output.dtype.isFloatingPoint && [Double](output).contains(where: \.isNaN)
  }

  /// What is on the way to the outputs, and these, with cotangents.
  private(set) lazy var inside = insideOfPoint()

  func countEvaluation() { evaluations += 1 }

  /// Evaluates the function at other inputs, for what that may change.
  func evaluateElsewhere(_ inputs: [Tensor]) {
    evaluations += 1
    _ = Subject.evaluate(function, inputs)
  }

  /// The outputs at the point, once more.
  func outputs() -> [[Double]] {
    evaluations += 1
    return Subject.evaluate(function, inputs, holding: held).outputs.map { [Double]($0) }
  }
}
