@testable import Adjoint

/// What a convolution is called with, and its float64 values by the definition.
struct ConvolutionCase {
  var windows: Windows
  var groups = 1
  var x: Tensor
  var weight: Tensor
  var dy: Tensor

  init(
    _ x: [Int], _ weight: [Int], strides: [Int]? = nil, padding: [Int]? = nil,
    dilations: [Int]? = nil, groups: Int = 1,
    values: (Int, UInt64) -> [Float] = { normals($0, seed: $1) }
  ) {
    windows = Windows(
      Array(weight[2...]), strides: strides, padding: padding, dilations: dilations, "")
    self.groups = groups
    func tensor(_ shape: [Int], _ seed: UInt64) -> Tensor {
      Tensor(values(shape.reduce(1, *), seed), shape: shape)
    }
    (self.x, self.weight) = (tensor(x, 1), tensor(weight, 2))
    dy = tensor([x[0], weight[0]] + windows.counts(over: Array(x[2...]), ""), 3)
  }

  /// The convolution, its gradient by the images and that by the filters, each with its operands.
  func calls(_ precision: ConvolutionPrecision) -> [(any Adjoint.Operation, [Tensor])] {
    [
      (Convolution(windows: windows, groups: groups, precision: precision), [x, weight]),
      (
        ConvolutionInputGradient(
          windows: windows, groups: groups, extents: Array(x.shape[2...]), precision: precision),
        [dy, weight]
      ),
      (
        ConvolutionWeightGradient(windows: windows, groups: groups, precision: precision), [x, dy]
      ),
    ]
  }

  func results(
    _ precision: ConvolutionPrecision, _ dtype: DType, on instructions: InstructionSet
  ) -> [[Double]] {
    calls(precision).map { operation, inputs in
      let inputs = inputs.map { $0.cast(to: dtype) }
      return [Double](operation.computed(from: inputs, on: instructions)[0])
    }
  }

  /// The same sums as forward convolutions, in which the definition's products follow each other: dx
  /// with the filters turned, dw with channels for images. For filters of 3 by 3 with padding 1.
  func directSums(_ dtype: DType) -> [[Double]] {
    let numbers = [Float](weight.transposed([1, 0, 2, 3]))
    let turned = Tensor(
      stride(from: 0, to: numbers.count, by: 9).flatMap { numbers[$0..<$0 + 9].reversed() },
      shape: [weight.shape[1], weight.shape[0], 3, 3])
    func sums(_ x: Tensor, _ weight: Tensor) -> Tensor {
      x.cast(to: dtype).convolved(
        with: weight.cast(to: dtype), padding: [1, 1], precision: .precise)
    }
    return [
      sums(x, weight), sums(dy, turned),
      sums(x.transposed([1, 0, 2, 3]), dy.transposed([1, 0, 2, 3])).transposed([1, 0, 2, 3]),
    ].map { [Double]($0) }
  }
}
