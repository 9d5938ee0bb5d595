/// Random numbers, uniform in 0 ..< 1, that follow from a key.
///
///     key: int32[4]   →   shape
///
/// The key is an input and not an attribute, so that a new one does not make a new program. The
/// same key gives the same numbers on every platform: ``Philox``. No gradient.
struct UniformRandom: Operation {
  var name: String { "uniformRandom" }
  let shape: [Int]
  let dtype: DType
  var reads: Reads { .nothing }
  var attributes: String { "shape: \(shape)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    require(
      inputs[0] == TensorType(.int32, [4]),
      "uniformRandom: the key is \(inputs[0]), not int32[4]; take it from a Philox generator")
    return [TensorType(dtype, shape)]
  }

  var kernelType: DType? { dtype }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let draw = frame.draw
    var y = frame.output(0)
    // Only as many digits as the type has: rounding to nearest could give 1.
    let digits = UInt64(Scalar.significandBitCount + 1)
    let unit = Double(sign: .plus, exponent: -Int(digits), significand: 1)
    for i in y.indices { y[i] = Scalar(Double(draw.word(i) >> (64 - digits)) * unit) }
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

extension KernelFrame {
  /// The draw that the key in input 0 stands for.
  var draw: Philox {
    let key = input(0, as: Int32.self)
    return Philox(words: key[0], key[1], key[2], key[3])
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
