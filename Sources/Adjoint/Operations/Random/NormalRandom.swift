/// Random numbers from a normal distribution that follow from a key.
///
///     key: int32[4], distribution: [2], mean and standard deviation   →   shape
///
/// mean + deviation · quantile, in float64, rounded once: ``Philox/normal(_:)``. Key and distribution are
/// inputs and not attributes, so that new ones do not make a new program. The same numbers on every
/// platform. No gradient.
struct NormalRandom: Operation {
  var name: String { "normalRandom" }
  let shape: [Int]
  let dtype: DType
  var reads: Reads { .nothing }
  var attributes: String { "shape: \(shape)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 2)
    require(
      inputs[0] == TensorType(.int32, [4]) && inputs[1].shape == [2]
        && inputs[1].dtype.isFloatingPoint,
      "normalRandom: the key is \(inputs[0]) and the distribution \(inputs[1]), not int32[4] and two "
        + "floating-point numbers; take the key from a Philox generator")
    return [TensorType(dtype, shape)]
  }

  var kernelType: DType? { dtype }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let draw = frame.draw
    let (mean, deviation) =
      if frame.inputType(1).dtype == .float64 {
        (frame.input(1, as: Double.self)[0], frame.input(1, as: Double.self)[1])
      } else {
        (Double(frame.input(1, as: Float.self)[0]), Double(frame.input(1, as: Float.self)[1]))
      }
    var y = frame.output(0)
    for i in y.indices { y[i] = Scalar(mean + deviation * draw.normal(i)) }
  }

  func pullback(_ rule: inout Pullback) {}

  static var samples: [Sample] {
    var generator = Philox(seed: 7)
    return [
      Sample(
        "matrix", NormalRandom(shape: [2, 3], dtype: .float64),
        [generator.nextKey(), Tensor([1, 2] as [Double])], isSmooth: false)
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "normalRandom: the key is int32[2] and the distribution float64[2], not int32[4] and two "
          + "floating-point numbers; take the key from a Philox generator"
      ) {
        _ = NormalRandom(shape: [3], dtype: .float32)(
          Tensor([1, 2] as [Int32]), Tensor([0, 1] as [Double]))
      }
    ]
  }
}
