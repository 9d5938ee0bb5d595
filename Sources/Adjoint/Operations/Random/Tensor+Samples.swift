extension Tensor {
  /// Float64 numbers for samples, normal around 0, the same at each call for the same arguments.
  static func sample(
    _ shape: [Int], seed: UInt64 = 1, mean: Double = 0, deviation: Double = 1
  ) -> Tensor {
    var generator = Philox(seed: seed)
    return .normal(
      shape, mean: mean, deviation: deviation, dtype: .float64, using: &generator)
  }

  /// Float64 numbers for samples, uniform in a range.
  static func sample(_ shape: [Int], in range: ClosedRange<Double>, seed: UInt64 = 1) -> Tensor {
    var generator = Philox(seed: seed)
    return .uniform(
      shape, in: range.lowerBound..<range.upperBound.nextUp, dtype: .float64, using: &generator)
  }

  /// Float64 numbers for samples, none nearer to another than 0.1, in an order that looks random.
  static func distinctSample(_ shape: [Int], seed: UInt64 = 1) -> Tensor {
    var generator = Philox(seed: seed)
    let count = shape.reduce(1, *)
    let order = [Double](Tensor.permutation(count, using: &generator))
    let jitter = [Double](Tensor.sample([count], in: 0...0.1, seed: seed))
    return Tensor(zip(order, jitter).map { 0.2 * $0 - 0.1 * Double(count) + $1 }, shape: shape)
  }
}
