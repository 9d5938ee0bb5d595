import Adjoint
import Synchronization

extension Subject {
  /// How gradients are asked for.
  struct Request {
    /// The point; the subject's own unless given.
    var inputs: [Tensor]?
    /// The cotangents; the subject's own unless given.
    var cotangents: [Tensor?]?
    /// The inputs that a gradient is wanted of; all unless given.
    var wanted: Set<Int>?
    /// Two inputs that are one tensor: each has the gradient of both.
    var shared: (Int, Int)?
    /// What is run after the function and before its gradient.
    var meanwhile: (() -> Void)?
    /// The precision that all is computed in.
    var precision = DType.float64
    /// Whether fused operations are taken as what they are composed of.
    var isComposing = false
    /// What becomes of each result on the way to the outputs.
    var altering: (@Sendable (Tensor) -> Tensor)?
  }

  /// The gradients as doubles; nil for inputs that have none. What is wrong with them as they are computed
  /// is appended to `problems`.
  func gradients(_ request: Request = Request(), problems: inout [String]) -> [[Double]?] {
    results(request, problems: &problems).gradients
  }

  /// The gradients; what is wrong with them was reported before.
  func gradients(_ request: Request = Request()) -> [[Double]?] {
    var ignored: [String] = []
    return gradients(request, problems: &ignored)
  }

  /// The outputs and the gradients.
  func results(
    _ request: Request, problems: inout [String]
  ) -> (outputs: [Tensor], gradients: [[Double]?]) {
    countEvaluation()
    let inputs = request.inputs ?? self.inputs
    let isOnTheWay = Switch()
    let altering = request.altering.map { altering -> (@Sendable (Tensor) -> Tensor) in
      { isOnTheWay.isOn.load(ordering: .relaxed) ? altering($0) : $0 }
    }
    let tape = Tape.recording(
      in: request.precision, isComposing: request.isComposing, altering: altering)
    var watched = inputs.map { $0.dtype.isFloatingPoint ? tape.watch($0) : $0 }
    if let pair = request.shared { watched[pair.1] = watched[pair.0] }
    let outputs = function(watched)
    // A composed function may give more, and one in float32 other types.
    if !request.isComposing, request.precision == .float64, !accepts(outputs) {
      return (here.outputs, inputs.map { _ in nil })
    }
    if request.meanwhile != nil || request.altering != nil {
      for output in outputs { output.compute() }
      isOnTheWay.isOn.store(false, ordering: .relaxed)
      request.meanwhile?()
    }
    var (roots, seeds): ([Tensor], [Tensor]) = ([], [])
    for (output, cotangent) in zip(outputs, request.cotangents ?? cotangents) {
      // An output that is on no tape does not depend on the inputs.
      guard let cotangent, output.tape != nil else { continue }
      roots.append(output)
      seeds.append(cotangent.cast(to: output.dtype))
    }
    let places = watched.indices.filter {
      watched[$0].tape != nil && request.wanted?.contains($0) != false
    }
    var found: [String] = []
    let gradients = tape.cotangents(
      of: places.map { watched[$0] }, from: roots, seeds: seeds
    ) { problem in
      found.append(problem)
    }
    problems += found
    var results: [[Double]?] = Array(repeating: nil, count: inputs.count)
    for (place, gradient) in zip(places, gradients) { results[place] = [Double](gradient) }
    return (outputs, results)
  }

  /// Gradients that rounding cannot tell from that of an input.
  struct Nearby {
    /// At inputs that differ by two units in the last place.
    var beside: [[Double]] = []
    /// With rounding errors on the way.
    var rounded: [[Double]] = []
  }

  /// For each input, gradients that rounding cannot tell from the one it has.
  func nearbyGradients(
    _ gradients: [[Double]?], draws: Int = 3, using generator: inout Philox
  ) -> [Nearby] {
    var nearby = gradients.map { _ in Nearby() }
    for _ in 0..<draws {
      let beside = self.gradients(
        Request(inputs: inputs.map { $0.perturbed(using: &generator) }))
      let rounded = roundedGradients(gradients, using: &generator)
      for index in gradients.indices {
        guard let gradient = gradients[index] else { continue }
        nearby[index].beside.append(beside[index] ?? gradient)
        nearby[index].rounded.append(rounded[index] ?? gradient)
      }
    }
    return nearby
  }

  /// The gradients of an input with rounding errors in every value on the way to the outputs: what a value has
  /// lost that cancels, the gradient may make much of.
  ///
  /// Left out are those that are not finite, and those that errors four times as large do not move further: a tie was
  /// broken there, and nothing rounded.
  func gradientsOfRoundedValues(
    _ index: Int, _ gradient: [Double], draws: Int = 3, using generator: inout Philox
  ) -> [[Double]] {
    (0..<draws).compactMap { _ in
      func altered(times factor: Double, _ generator: Philox) -> [Double]? {
        var generator = generator
        let altering = roundingErrors(times: factor, using: &generator)
        var ignored: [String] = []
        let (outputs, gradients) = results(
          Request(isComposing: true, altering: altering), problems: &ignored)
        // One that gives all that is computed on its way is another function then.
        if hasTypesOfHere(outputs) { return gradients[index] }
        return self.gradients(Request(altering: altering))[index]
      }
      let draw = Philox(seed: generator.next())
      guard let once = altered(times: 1, draw), let more = altered(times: 4, draw),
        distance(more, gradient) >= 2 * distance(once, gradient),
        once.allSatisfy(\.isFinite)
      else { return nil }
      return once
    }
  }

  /// The gradients with errors of half a unit in the last place in every cotangent on the way, within fused
  /// operations too: what rounding in the walk backwards may make of them. Of a gradient that cancels it is all
  /// there is.
  func roundedGradients(
    _ gradients: [[Double]?], in precision: DType = .float64, using generator: inout Philox
  ) -> [[Double]?] {
    let composed = roundedGradients(gradients, precision, isComposing: true, using: &generator)
    // What fused operations are composed of may leave the range of numbers where they do not.
    if let composed, composed.allSatisfy({ $0?.allSatisfy(\.isFinite) != false }) {
      return composed
    }
    return roundedGradients(gradients, precision, isComposing: false, using: &generator)
      ?? gradients
  }

  /// The same with fused operations composed, or not; nil if the function is another one then, as one that
  /// gives all that is computed on its way.
  private func roundedGradients(
    _ gradients: [[Double]?], _ precision: DType, isComposing: Bool, using generator: inout Philox
  ) -> [[Double]?]? {
    countEvaluation()
    let tape = Tape.recording(in: .float64, isComposing: isComposing)
    let watched = inputs.map { $0.dtype.isFloatingPoint ? tape.watch($0) : $0 }
    let made = function(watched)
    guard hasTypesOfHere(made) else { return nil }
    let pairs = zip(made, cotangents).filter { $0.0.tape != nil && $0.1 != nil }
    let (outputs, seeds) = (pairs.map(\.0), pairs.map(\.1))
    // Outputs too: others may be made of them.
    let values = tape.values(between: watched, and: outputs) + outputs
    let cotangents = tape.cotangents(of: values, from: outputs, seeds: seeds) { _ in }
    func random(_ size: Tensor, _ deviation: Double) -> Tensor {
      size
        * Tensor.normal(size.shape, deviation: deviation, dtype: size.dtype, using: &generator)
    }
    // How large cotangents are that do not cancel: what cancels inside a kernel was so large.
    let typical = tape.cotangents(
      of: values, from: values, seeds: cotangents.map { random($0, 1) }
    ) { _ in }
    let errors = zip(cotangents, typical).map { cotangent, typical in
      random(
        cotangent.magnitude() + typical.magnitude(),
        max(cotangent.dtype.epsilon, precision.epsilon) / 2)
    }
    let places = watched.indices.filter { watched[$0].tape != nil }
    let changes = tape.cotangents(
      of: places.map { watched[$0] }, from: values, seeds: errors
    ) { _ in }
    var results = gradients
    for (place, change) in zip(places, changes) {
      results[place] = gradients[place].map { zip($0, [Double](change)).map { $0 + $1 } }
    }
    return results
  }
}

/// Something that is on until it is put off.
private final class Switch: Sendable {
  let isOn = Atomic(true)
}
