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
    func product(along direction: [Tensor], on tape: Tape) -> [Tensor] {
      let (tape, outputs) = Subject.record(function, inputs, on: tape)
      let watched = tape.watchedTensors
      let pairs = zip(outputs, cotangents).filter { $0.0.tape != nil && $0.1 != nil }
      let gradients = tape.gradients(
        of: pairs.map(\.0), seeds: pairs.map(\.1), with: watched, recording: true)
      let slope = zip(gradients, direction).map { ($0 * $1).sum() }
        .reduce(Tensor(0, dtype: .float64), +)
      // Recorded too, as only what is on this tape may be altered.
      return tape.gradients(of: tape.constant(slope), with: watched, recording: true)
    }
    func terms(_ a: [Tensor], _ b: [Tensor]) -> [Double] {
      zip(a, b).flatMap { zip([Double]($0), [Double]($1)).map { $0 * $1 } }
    }
    let (u, v) = (direction(), direction())
    func sides(
      _ altering: (@Sendable (Tensor) -> Tensor)? = nil
    ) -> (a: Double, b: Double, size: Double) {
      func side(_ u: [Tensor], _ v: [Tensor]) -> [Double] {
        terms(product(along: u, on: .recording(in: .float64, altering: altering)), v)
      }
      let (left, right) = (side(u, v), side(v, u))
      return (
        left.reduce(0, +), right.reduce(0, +), (left + right).reduce(0) { $0 + abs($1) }
      )
    }
    let (a, b, size) = sides()
    // The terms cancel each other; a second derivative that forgets a use is off by their size.
    guard abs(a - b) > max(1e-8 * size, 1e3 * .ulpOfOne) else { return }
    // What cancelled on the way there, or was float32 for a while, makes more of its rounding.
    let rounding =
      (0..<3).map { _ in
        let rounded = sides(roundingErrors(using: &generator))
        return max(abs(rounded.a - a), abs(rounded.b - b))
      }.max() ?? 0
    guard abs(a - b) > 10 * rounding else { return }
    find(
      .structural, "the second derivative is not symmetric: ⟨Hu, v⟩ = \(a), ⟨u, Hv⟩ = \(b)")
  }
}
