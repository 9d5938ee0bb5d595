import Adjoint

/// The check of one function at one point: its gradients for one random cotangent against finite
/// differences.
struct Check {
  let function: ([Tensor]) -> [Tensor]
  let inputs: [Tensor]
  let names: [String]
  let order: Int
  private var generator: Philox
  private let cotangents: [Tensor?]
  private let gradients: [[Double]?]
  private let perturbedGradients: [[[Double]?]]

  /// Inputs with more elements than this are checked along random directions, and in some of their
  /// elements.
  private static let exhaustiveCount = 512
  /// A relative error that is not seen below this leaves a check undecided.
  private static let coarsestResolution = 1e-4

  init(
    _ function: @escaping ([Tensor]) -> [Tensor], at inputs: [Tensor], names: [String], order: Int,
    seed: UInt64
  ) {
    self.function = function
    self.inputs = inputs
    self.names = names
    self.order = order
    var generator = Philox(seed: seed)
    let outputs = function(inputs)
    // Random, never ones: a plain sum says nothing about batch norm.
    let cotangents = outputs.map { output in
      output.dtype.isFloatingPoint
        ? Tensor.normal(output.shape, dtype: output.dtype, using: &generator) : nil
    }
    self.cotangents = cotangents
    gradients = Check.gradients(of: function, at: inputs, cotangents)
    // What conditioning alone moves: the gradients at inputs that differ by two units in the last
    // place.
    perturbedGradients = (0..<3).map { _ in
      let perturbed = inputs.map { input in
        guard input.dtype.isFloatingPoint else { return input }
        let factor = Tensor.normal(input.shape, dtype: .float64, using: &generator).sign()
        return input * (1 + factor * (2 * Double.ulpOfOne))
      }
      return Check.gradients(of: function, at: perturbed, cotangents)
    }
    self.generator = generator
  }

  /// The gradients of Σ ⟨cotangent, output⟩ as doubles; nil for inputs that have none.
  private static func gradients(
    of function: ([Tensor]) -> [Tensor], at inputs: [Tensor], _ cotangents: [Tensor?]
  ) -> [[Double]?] {
    let tape = Tape()
    let watched = inputs.map { $0.dtype.isFloatingPoint ? tape.watch($0) : $0 }
    let (outputs, seeds) = zip(function(watched), cotangents).reduce(
      into: ([Tensor](), [Tensor]())
    ) { lists, pair in
      // An output that is on no tape does not depend on the inputs.
      guard let seed = pair.1, pair.0.tape != nil else { return }
      lists.0.append(pair.0)
      lists.1.append(seed)
    }
    let differentiable = watched.filter { $0.tape != nil }
    var found = tape.gradients(of: outputs, seeds: seeds, with: differentiable)[...]
    return watched.map { $0.tape == nil ? nil : [Double](found.removeFirst()) }
  }

  /// The results for all inputs that can have a gradient.
  mutating func run() -> [InputResult] {
    inputs.indices.compactMap { index in gradients[index].map { result(index, $0) } }
  }

  private mutating func result(_ index: Int, _ gradient: [Double]) -> InputResult {
    let input = inputs[index]
    let name = names[index]
    func result(
      _ verdict: InputResult.Verdict, _ all: [InputResult.Comparison] = [], _ bad: Int = 0
    )
      -> InputResult
    {
      let worst = all.max { a, b in
        abs(a.analytic - a.numeric.value) / a.tolerance
          < abs(b.analytic - b.numeric.value) / b.tolerance
      }
      return InputResult(
        input: name, type: input.type, order: order, verdict: verdict, worst: worst,
        comparisons: all.count, disagreements: bad)
    }
    guard !gradient.isEmpty else { return result(.pass) }
    let line = Line(self, index)
    let noise = (0..<3).map { _ in line.noise(along: randomDirection(gradient.count)) }.max() ?? 0
    var (all, failures, undecided) = ([InputResult.Comparison](), 0, 0)
    for direction in directions(gradient.count) {
      let (comparison, verdict) = compare(index, gradient, direction, line, noise)
      all.append(comparison)
      if verdict == .fail { failures += 1 }
      if verdict == .inconclusive { undecided += 1 }
    }
    if failures > 0 { return result(.fail, all, failures) }
    if !line.changesOutputs(along: randomDirection(gradient.count)) { return result(.pass, all) }
    let isNoise = all.allSatisfy { max(abs($0.analytic), abs($0.numeric.value)) <= $0.tolerance }
    if isNoise, order == 1 { return result(.vacuous, all) }
    if undecided > 0, !isNoise { return result(.inconclusive, all, undecided) }
    return result(.pass, all)
  }

  /// Compares the derivatives along one direction.
  private func compare(
    _ index: Int, _ gradient: [Double], _ direction: Direction, _ line: Line, _ noise: Double
  ) -> (InputResult.Comparison, InputResult.Verdict) {
    let analytic = direction.product(with: gradient)
    let moved = perturbedGradients.map { abs(direction.product(with: $0[index]!) - analytic) }
    let rounding = 8 * Double.ulpOfOne * direction.sumOfMagnitudes(with: gradient)
    let length = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot() * direction.length
    let first = line.bestDerivative(
      along: direction, noise: noise, resolving: Check.coarsestResolution * length / 10)
    let tolerance = 10 * (first.difference.error + (moved.max() ?? 0)) + rounding
    let size = max(length, abs(first.difference.value))
    let comparison = InputResult.Comparison(
      element: direction.element.map { inputs[index].type.indices(of: $0) }, analytic: analytic,
      numeric: (first.difference.value, first.difference.error), tolerance: tolerance,
      resolution: size > 0 ? tolerance / size : 0)
    guard tolerance.isFinite, analytic.isFinite else {
      return (comparison, analytic.isFinite ? .inconclusive : .fail)
    }
    if abs(analytic - first.difference.value) <= tolerance {
      return (comparison, comparison.resolution > Check.coarsestResolution ? .inconclusive : .pass)
    }
    return (comparison, confirmed(analytic, direction, line, noise, first, tolerance))
  }

  /// Whether a disagreement is one: other steps must say the same, and so must far smaller ones,
  /// which do not reach a kink beside the point. What the smallest steps say that are exact enough
  /// to tell is what counts.
  private func confirmed(
    _ analytic: Double, _ direction: Direction, _ line: Line, _ noise: Double,
    _ first: (difference: FiniteDifference, step: Double), _ tolerance: Double
  ) -> InputResult.Verdict {
    let gap = abs(analytic - first.difference.value)
    let second = line.derivative(
      along: direction, noise: noise, firstStep: first.step / 8, ratio: 3)
    let finest = line.derivative(
      along: direction, noise: noise, firstStep: min(first.step, 1) * 1e-4, ratio: 4)
    if finest.error < gap / 100, abs(analytic - finest.value) <= 10 * finest.error + tolerance {
      return 10 * finest.error <= Check.coarsestResolution * abs(analytic) ? .pass : .inconclusive
    }
    let agree =
      abs(first.difference.value - second.value) <= 10 * (first.difference.error + second.error)
    let disagrees = abs(analytic - second.value) > 10 * second.error
    return agree && disagrees ? .fail : .inconclusive
  }

  /// The directions to check: each element, or for large inputs random mixtures and elements spread
  /// over the whole.
  private mutating func directions(_ count: Int) -> [Direction] {
    if count <= Check.exhaustiveCount { return (0..<count).map(Direction.init(element:)) }
    let mixtures = (0..<8).map { _ in randomDirection(count) }
    let spread = (0..<64).map { Direction(element: $0 * (count - 1) / 63) }
    return mixtures + spread
  }

  private mutating func randomDirection(_ count: Int) -> Direction {
    let draw: Philox = generator.next()
    return Direction(mixture: (0..<count).map(draw.normal))
  }

  /// Σ ⟨cotangent, output⟩ of the function with one input replaced.
  func value(replacing index: Int, by elements: [Double]) -> Double {
    var sum = 0.0
    for (output, cotangent) in zip(outputs(replacing: index, by: elements), cotangents) {
      guard let cotangent else { continue }
      sum += zip([Double](output), [Double](cotangent)).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return sum
  }

  /// The outputs of the function with one input replaced.
  func outputs(replacing index: Int, by elements: [Double]) -> [Tensor] {
    var inputs = inputs
    inputs[index] = Tensor(elements, shape: inputs[index].shape, dtype: .float64)
    return function(inputs)
  }
}

/// A direction in which an input is moved: one element, or all of them at random.
struct Direction {
  let element: Int?
  private let mixture: [Double]

  init(element: Int) {
    self.element = element
    mixture = []
  }

  init(mixture: [Double]) {
    element = nil
    self.mixture = mixture
  }

  /// The largest part.
  var largest: Double { element == nil ? mixture.map(abs).max() ?? 1 : 1 }

  /// The Euclidean length.
  var length: Double {
    element == nil ? mixture.reduce(0) { $0 + $1 * $1 }.squareRoot() : 1
  }

  func product(with vector: [Double]) -> Double {
    if let element { return vector[element] }
    return zip(mixture, vector).reduce(0) { $0 + $1.0 * $1.1 }
  }

  func sumOfMagnitudes(with vector: [Double]) -> Double {
    if let element { return abs(vector[element]) }
    return zip(mixture, vector).reduce(0) { $0 + abs($1.0 * $1.1) }
  }

  /// The point at a distance along the direction.
  func point(from origin: [Double], at distance: Double) -> [Double] {
    if let element {
      var point = origin
      point[element] += distance
      return point
    }
    return zip(origin, mixture).map { $0 + distance * $1 }
  }
}

/// The function along lines through one input.
private struct Line {
  private let check: Check
  private let index: Int
  private let origin: [Double]
  /// A step that is small beside how the input varies; its offset from 0 does not count, as most
  /// layers ignore it.
  private let step: Double
  private let largest: Double

  init(_ check: Check, _ index: Int) {
    self.check = check
    self.index = index
    origin = [Double](check.inputs[index])
    largest = origin.map(abs).max() ?? 0
    let mean = origin.reduce(0, +) / Double(origin.count)
    let variance = origin.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(origin.count)
    let scale = max(variance.squareRoot(), 1e-3 * largest)
    step = 0.05 * (scale > 0 ? scale : 1)
  }

  /// The noise of the values of the function.
  func noise(along direction: Direction) -> Double {
    let spacing = 64 * max(largest, step).ulp / direction.largest
    return AdjointCheck.noise(of: (0..<8).map { value(direction, Double($0) * spacing) })
  }

  /// The derivative along a direction from the usual first step, or, if its error is larger than
  /// what must be told apart, the best of those from other steps: a function need not change on the
  /// scale of its argument.
  func bestDerivative(
    along direction: Direction, noise: Double, resolving error: Double
  ) -> (difference: FiniteDifference, step: Double) {
    var best = (difference: FiniteDifference(), step: 1.0)
    for step in [1, 1e-3, 1e3, 1e6] {
      let difference = derivative(along: direction, noise: noise, firstStep: step, ratio: 4)
      if difference.error < best.difference.error { best = (difference, step) }
      if best.difference.error <= error { break }
    }
    return best
  }

  /// The derivative along a direction.
  func derivative(
    along direction: Direction, noise: Double, firstStep: Double, ratio: Double
  ) -> FiniteDifference {
    FiniteDifference(
      step: firstStep * step / direction.largest, ratio: ratio, noise: noise
    ) { distance in
      var half = distance
      if let element = direction.element {
        // The step that the element can really make.
        half = ((origin[element] + distance) - (origin[element] - distance)) / 2
      }
      return (value(direction, distance), value(direction, -distance), half)
    }
  }

  /// Whether the outputs depend on the input at all.
  func changesOutputs(along direction: Direction) -> Bool {
    func outputs(_ distance: Double) -> [[Double]] {
      let point = direction.point(from: origin, at: distance)
      return check.outputs(replacing: index, by: point).map { [Double]($0) }
    }
    return outputs(0) != outputs(step / direction.largest)
  }

  private func value(_ direction: Direction, _ distance: Double) -> Double {
    check.value(replacing: index, by: direction.point(from: origin, at: distance))
  }
}

extension TensorType {
  /// The indices of the element at a position in row-major order.
  fileprivate func indices(of position: Int) -> [Int] {
    var rest = position
    return shape.reversed().map { extent in
      defer { rest /= extent }
      return rest % extent
    }.reversed()
  }
}
