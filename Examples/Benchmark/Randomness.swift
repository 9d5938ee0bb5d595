import Adjoint
import AdjointNN

extension Workload {
  /// Dropout of [256, 1024] with rate 0.1, forward and the gradient for a given dy. The figures are the
  /// share that is kept, and 1 if what goes back is what is kept, scaled.
  static func dropout(_ dtype: DType) -> Workload {
    var generator = NumpyGenerator(seed: 10)
    let shape = [256, 1024]
    let x = Tensor(generator.normal(256 * 1024), shape: shape, dtype: dtype)
    let dy = Tensor(generator.normal(256 * 1024), shape: shape, dtype: dtype)
    var keys = Philox(seed: 0)
    var layer = Dropout(rate: 0.1, using: &keys)
    func figures(_ results: [Tensor]) -> [Double] {
      let kept = (results[0] .!= 0).cast(to: .float64)
      let expected = dy.cast(to: .float64) * kept / 0.9
      let error = (results[1].cast(to: .float64) - expected).magnitude().max()
      return [rounded(kept.mean(), to: 100), Double(error) < 1e-5 ? 1 : 0]
    }
    return .differentiated([x], seed: dy, figures: figures) { inputs in
      layer.key = layer.key.detached
      return layer(inputs[0], .training)
    }
  }

  /// [256, 1024] normal numbers. The figures are how many there are, their standard deviation and the size
  /// of their mean.
  static func normalNumbers(_ dtype: DType) -> Workload {
    var generator = Philox(seed: 0)
    var numbers = Tensor(0)
    func step() { numbers = .normal([256, 1024], dtype: dtype, using: &generator) }
    return Workload(
      step: step,
      check: {
        step()
        return [
          Double(numbers.count), rounded(numbers.standardDeviation(), to: 10),
          rounded(numbers.mean().magnitude(), to: 10),
        ]
      })
  }
}

/// A number, rounded to a fraction.
private func rounded(_ number: Tensor, to fraction: Double) -> Double {
  (Double(number) * fraction).rounded() / fraction
}
