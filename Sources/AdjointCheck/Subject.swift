import Adjoint

/// A function at a point with a cotangent for each output: what is differentiated and differenced.
final class Subject {
  let function: ([Tensor]) -> [Tensor]
  let inputs: [Tensor]
  let cotangents: [Tensor?]
  /// The pieces that piecewise operations are on at the point; empty for a smooth function.
  let branches: [BranchChoice]
  /// How often the function has been evaluated.
  private(set) var evaluations = 0

  init(
    _ function: @escaping ([Tensor]) -> [Tensor], at inputs: [Tensor],
    using generator: inout Philox
  ) {
    self.function = function
    self.inputs = inputs
    let (tape, outputs) = Subject.record(function, inputs)
    // Random, never ones: a plain sum says nothing about batch norm.
    var cotangents: [Tensor?] = []
    for output in outputs {
      let isReal = output.dtype.isFloatingPoint
      let cotangent = Tensor.normal(output.shape, dtype: .float64, using: &generator)
      cotangents.append(isReal ? cotangent.cast(to: output.dtype) : nil)
    }
    self.cotangents = cotangents
    branches = tape.branches()
    evaluations = 1
  }

  /// The function recorded on a tape of its own.
  static func record(
    _ function: ([Tensor]) -> [Tensor], _ inputs: [Tensor], on tape: Tape = Tape()
  ) -> (tape: Tape, outputs: [Tensor]) {
    let outputs = function(inputs.map { $0.dtype.isFloatingPoint ? tape.watch($0) : $0 })
    return (tape, outputs)
  }

  /// Φ = Σ ⟨cotangent, output⟩ with one input replaced.
  func value(replacing index: Int, by elements: [Double]) -> Double {
    evaluations += 1
    return zip(function(replaced(index, elements)), cotangents).reduce(0) { sum, pair in
      guard let cotangent = pair.1 else { return sum }
      return sum + zip([Double](pair.0), [Double](cotangent)).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  /// The pieces that the function is computed on with one input replaced.
  func branches(replacing index: Int, by elements: [Double]) -> [BranchChoice] {
    evaluations += 1
    return Subject.record(function, replaced(index, elements)).tape.branches()
  }

  /// The outputs at the point.
  func outputs() -> [[Double]] { outputs(at: inputs) }

  /// The outputs with one input replaced.
  func outputs(replacing index: Int, by elements: [Double]) -> [[Double]] {
    outputs(at: replaced(index, elements))
  }

  private func outputs(at inputs: [Tensor]) -> [[Double]] {
    evaluations += 1
    return function(inputs).map { [Double]($0) }
  }

  private func replaced(_ index: Int, _ elements: [Double]) -> [Tensor] {
    var inputs = inputs
    inputs[index] = Tensor(elements, shape: inputs[index].shape, dtype: .float64)
    return inputs
  }

  /// The gradients for some cotangents, as doubles; nil for inputs that have none. What is wrong
  /// with them as they are computed is appended to `problems`. Of two inputs that share a tensor,
  /// each has the gradient of both.
  func gradients(
    at inputs: [Tensor]? = nil, cotangents: [Tensor?]? = nil,
    only wanted: Set<Int>? = nil, sharing pair: (Int, Int)? = nil, problems: inout [String]
  ) -> [[Double]?] {
    evaluations += 1
    let inputs = inputs ?? self.inputs
    let tape = Tape()
    var watched = inputs.map { $0.dtype.isFloatingPoint ? tape.watch($0) : $0 }
    if let pair { watched[pair.1] = watched[pair.0] }
    var outputs: [Tensor] = []
    var seeds: [Tensor] = []
    for (output, cotangent) in zip(function(watched), cotangents ?? self.cotangents) {
      // An output that is on no tape does not depend on the inputs.
      guard let cotangent, output.tape != nil else { continue }
      outputs.append(output)
      seeds.append(cotangent.cast(to: output.dtype))
    }
    let places = watched.indices.filter { watched[$0].tape != nil && wanted?.contains($0) != false }
    var found: [String] = []
    let gradients = tape.cotangents(
      of: places.map { watched[$0] }, from: outputs, seeds: seeds
    ) { problem in
      found.append(problem)
    }
    problems += found
    var results: [[Double]?] = Array(repeating: nil, count: inputs.count)
    for (place, gradient) in zip(places, gradients) { results[place] = [Double](gradient) }
    return results
  }

  /// The gradients for the subject's own cotangents; what is wrong with them was reported before.
  func gradients() -> [[Double]?] {
    var ignored: [String] = []
    return gradients(problems: &ignored)
  }
}
