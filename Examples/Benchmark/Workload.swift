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

  typealias Named = (name: String, make: @Sendable () -> Workload)

  /// The workloads by name.
  static let all: [Named] = models + sets

  private static let models: [Named] = [
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
    ("I", { residualNetwork(.float32) }),
    ("Id", { residualNetwork(.float64) }),
    ("J64", { product(64, .float32) }),
    ("J256", { product(256, .float32) }),
    ("J1024", { product(1024, .float32) }),
    ("J1024d", { product(1024, .float64) }),
    ("K", { convolution([32, 64, 56, 56], deviation: (2.0 / 576).squareRoot(), .float32) }),
    ("L", { transformer(.float32) }),
    ("Ld", { transformer(.float64) }),
    ("M", { chain(1000) }),
    ("N", { elements(1 << 22) }),
    ("O", { recurrence() }),
    ("P", { languageModel(blocks: 6, width: 384, heads: 6, length: 256, batch: 8) }),
    ("Q", { depthwiseNetwork() }),
    ("R", { wordBag() }),
    ("V", { languageModel(blocks: 2, width: 64, heads: 4, length: 64, batch: 32) }),
  ]

  /// Many small works: their names begin with the set's.
  private static let sets: [Named] =
    functions("S", FunctionCase.pointwise, .float32)
    + functions("T", FunctionCase.reductions, .float32) + random("T", .float32)
    + functions("U", FunctionCase.pointwise, .float64)
    + functions("U", FunctionCase.reductions, .float64) + random("U", .float64)
    + networkParts("U")

  /// The names of the workloads that a name stands for: itself, or a set's.
  static func names(_ name: String) -> [String] {
    all.map(\.name).filter { $0 == name || $0.hasPrefix(name + ":") }
  }

  private static func functions(
    _ set: String, _ cases: [FunctionCase], _ dtype: DType
  ) -> [Named] {
    cases.map { function in ("\(set):\(function.name)", { function.workload(dtype) }) }
  }

  private static func networkParts(_ set: String) -> [Named] {
    [
      ("\(set):conv", { convolution([4, 32, 16, 16], deviation: 1.0 / 12, .float64) }),
      ("\(set):bn", { normalization([32, 64, 28, 28], axis: 1, dtype: .float64) }),
    ]
  }

  private static func random(
    _ set: String, _ dtype: DType
  ) -> [Named] {
    [("\(set):dropout", { dropout(dtype) }), ("\(set):normal", { normalNumbers(dtype) })]
  }
}

extension Tensor {
  /// The square root of the sum of the squares of all elements.
  var norm: Double { [Double](self).reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

extension Array where Element == Double {
  /// A tensor of the numbers times a factor plus a summand, as NumPy computes it.
  func tensor(
    _ shape: [Int], times factor: Double = 1, plus summand: Double = 0, dtype: DType = .float32
  ) -> Tensor {
    Tensor(map { $0 * factor + summand }, shape: shape, dtype: dtype)
  }
}
