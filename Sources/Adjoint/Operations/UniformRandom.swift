/// Random numbers, uniform in 0 ..< 1, that follow from a key.
///
///     key: int32[4]   →   shape
///
/// The key is an input and not an attribute, so that a new one does not make a new program. The
/// same key gives the same numbers on every platform: ``Philox``. No gradient.
struct UniformRandom: Operation {
  let name = "uniformRandom"
  let shape: [Int]
  let dtype: DType
  let reads = Reads.nothing
  var attributes: String { "shape: \(shape)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    require(
      inputs[0] == TensorType(.int32, [4]),
      "uniformRandom: the key is \(inputs[0]), not int32[4]; take it from a Philox generator")
    require(
      dtype.isFloatingPoint,
      "uniformRandom: \(dtype) is not floating-point; draw float32 or float64 and cast")
    return [TensorType(dtype, shape)]
  }

  func kernelType(inputs: [TensorType], outputs: [TensorType]) -> DType { dtype }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let key = frame.input(0, as: Int32.self)
    let draw = Philox(words: key.indices.map { key[$0] })
    var y = frame.output(0)
    // Only as many digits as the type has: rounding to nearest could give 1.
    let digits = Double(sign: .plus, exponent: Scalar.significandBitCount + 1, significand: 1)
    for i in y.indices {
      y[i] = Scalar((draw.uniform(i) * digits).rounded(.down) / digits)
    }
  }

  func pullback(_ rule: inout Pullback) {}

  static var samples: [Sample] {
    var generator = Philox(seed: 7)
    return [
      Sample(
        "matrix", UniformRandom(shape: [2, 3], dtype: .float64), [generator.nextKey()],
        isSmooth: false)
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("uniformRandom: the key is int32[2], not int32[4]; take it from a Philox generator") {
        _ = Tensor.uniform([3], key: Tensor([1, 2] as [Int32]))
      }
    ]
  }
}

extension Tensor {
  /// Returns random numbers that are uniform in 0 ..< 1 and follow from a key.
  ///
  ///     key: int32[4]   →   shape
  ///
  /// For layers that keep a key as their state. No gradient.
  /// - Precondition: the key is int32[4], from ``Philox/key`` or ``Philox/nextKey()``.
  public static func uniform(_ shape: [Int], dtype: DType = .float32, key: Tensor) -> Tensor {
    UniformRandom(shape: shape, dtype: dtype)(key)
  }
}
