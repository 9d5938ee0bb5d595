import Adjoint

extension FunctionCheck {
  /// The second derivative is symmetric: ⟨H·u, v⟩ = ⟨u, H·v⟩ for Φ = Σ ⟨w, f⟩.
  mutating func checkSymmetry(_ function: @escaping ([Tensor]) -> [Tensor], at inputs: [Tensor]) {
    var generator = Philox(seed: seed, draw: 3 << 48)
    let cotangents = Subject.record(function, inputs).outputs.map { output in
      output.dtype.isFloatingPoint
        ? Tensor.normal(output.shape, dtype: .float64, using: &generator).cast(to: output.dtype)
        : nil
    }
    func direction() -> [Tensor] {
      inputs.filter(\.dtype.isFloatingPoint).map {
        Tensor.normal($0.shape, dtype: .float64, using: &generator)
      }
    }
    func product(along direction: [Tensor]) -> [Tensor] {
      let (tape, outputs) = Subject.record(function, inputs)
      let watched = tape.watchedTensors
      let pairs = zip(outputs, cotangents).filter { $0.0.tape != nil && $0.1 != nil }
      let gradients = tape.gradients(
        of: pairs.map(\.0), seeds: pairs.map(\.1), with: watched, recording: true)
      let slope = zip(gradients, direction).map { ($0 * $1).sum() }
        .reduce(Tensor(0, dtype: .float64), +)
      return tape.gradients(of: tape.constant(slope), with: watched)
    }
    func terms(_ a: [Tensor], _ b: [Tensor]) -> [Double] {
      zip(a, b).flatMap { zip([Double]($0), [Double]($1)).map { $0 * $1 } }
    }
    let (u, v) = (direction(), direction())
    let (left, right) = (terms(product(along: u), v), terms(product(along: v), u))
    let (a, b) = (left.reduce(0, +), right.reduce(0, +))
    let size = (left + right).reduce(0) { $0 + abs($1) }
    // The terms cancel each other; a second derivative that forgets a use is off by their size.
    guard abs(a - b) > max(1e-8 * size, 1e3 * .ulpOfOne) else { return }
    find(
      .structural, "the second derivative is not symmetric: ⟨Hu, v⟩ = \(a), ⟨u, Hv⟩ = \(b)")
  }
}
