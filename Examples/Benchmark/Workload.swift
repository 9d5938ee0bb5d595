import Adjoint

/// Something to time: a step, the figures that all frameworks must agree on, and what the step cannot
/// do without.
struct Workload {
  /// One step.
  let step: () -> Void
  /// Runs the first steps, and returns figures that everyone must get.
  let check: () -> [Double]
  /// The multiplications and additions of products and convolutions, done directly.
  var operations = 0.0
  /// The bytes that have to be read and written, if nothing stays in a cache.
  var bytes = 0.0

  /// The workloads by name.
  static let all: [(name: String, make: @Sendable () -> Workload)] = [
    ("A", { normalization([128, 256], axis: 1) }),
    ("B", { normalization([8192, 1024], axis: 1) }),
    ("C", { normalization([32, 64, 56, 56], axis: 1) }),
    ("Ccl", { normalization([32, 64, 56, 56], axis: 1, channelsLast: true) }),
    ("D", { normalization([32, 64, 56, 56], axis: 1, composed: true) }),
    ("Dcl", { normalization([32, 64, 56, 56], axis: 1, channelsLast: true, composed: true) }),
    ("E", { perceptron([64, 128, 10], batch: 32) }),
    ("F", { perceptron([784, 256, 256, 10], batch: 128) }),
    ("G", { perceptron([784, 1024, 1024, 10], batch: 256) }),
    ("H", { smallNetwork() }),
    ("I", { residualNetwork() }),
    ("J64", { product(64, .float32) }),
    ("J256", { product(256, .float32) }),
    ("J1024", { product(1024, .float32) }),
    ("J1024d", { product(1024, .float64) }),
    ("K", { convolution() }),
    ("L", { transformer() }),
    ("M", { chain(1000) }),
    ("N", { elements(1 << 22) }),
  ]
}

extension Tensor {
  /// The square root of the sum of the squares of all elements.
  var norm: Double { [Double](self).reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

extension Array where Element == Double {
  /// A float32 tensor of the numbers times a factor plus a summand, as NumPy computes it.
  func tensor(_ shape: [Int], times factor: Double = 1, plus summand: Double = 0) -> Tensor {
    Tensor(map { Float($0 * factor + summand) }, shape: shape)
  }
}
