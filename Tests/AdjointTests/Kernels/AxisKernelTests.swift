import Testing

@testable import Adjoint

/// A call along an axis of a shape, and how far its results may be from those of float64, for inputs that
/// are the same numbers.
struct AxisCall {
  let operation: any Adjoint.Operation
  let inputs: [Tensor]
  /// The largest error, from the unit of rounding of the element type.
  let bound: (Double) -> Double

  init(
    _ operation: any Adjoint.Operation, _ inputs: [Tensor], _ bound: @escaping (Double) -> Double
  ) {
    (self.operation, self.inputs, self.bound) = (operation, inputs, bound)
  }
}

@Suite("The kernels in C along every axis, in float32 and float64")
struct AxisKernelTests {
  /// Lengths around those of vectors, and of the vectors that are worked on at once.
  static let lengths = [1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 67]

  static let shapes =
    [[3, 5, 7], [2, 33, 17], [67], [1, 4, 1], [300, 5], [4, 1000], [3, 70, 64]]
    + lengths.map { [3, $0, 2] } + lengths.map { [2, 3, $0] }

  static func numbers(_ shape: [Int], seed: UInt64, _ dtype: DType) -> Tensor {
    Tensor(normals(shape.reduce(1, *), seed: seed), shape: shape).cast(to: dtype)
  }

  /// The losses along an axis. Errors are counted in roundings, u, of the largest numbers that are added;
  /// an exponential of x − max has |x − max| of them more, and normal numbers are less than 8 apart from
  /// their maximum here.
  static func losses(_ shape: [Int], _ axis: Int, _ dtype: DType) -> [AxisCall] {
    let (x, dy) = (numbers(shape, seed: 1, dtype), numbers(shape, seed: 2, dtype))
    var reduced = shape
    reduced.remove(at: axis)
    let (g, extent) = (numbers(reduced, seed: 3, dtype), shape[axis])
    let labels = Tensor(
      (0..<reduced.reduce(1, *)).map { Int32(($0 * 7 + 2) % extent) }, shape: reduced)
    let y = x.softmax(along: axis)
    // Sums of dy are below n · 5.
    let sum = 5 * Double(extent)
    return [
      AxisCall(Softmax(isLogarithm: false, axis: axis), [x]) { 16 * $0 },
      AxisCall(Softmax(isLogarithm: true, axis: axis), [x]) { 4 * 16 * $0 },
      AxisCall(SoftmaxGradient(isLogarithm: false, axis: axis), [y, dy]) { 4 * 10 * $0 },
      AxisCall(SoftmaxGradient(isLogarithm: true, axis: axis), [y.log(), dy]) {
        8 * (5 + sum) * $0
      },
      AxisCall(LogSumExp(axes: [axis], keepingAxes: false), [x]) { 4 * 16 * $0 },
      AxisCall(LogSumExpGradient(axis: axis), [x, g]) { 16 * 5 * $0 },
      AxisCall(SoftmaxCrossEntropy(axis: axis), [x, labels]) { 4 * 16 * $0 },
      AxisCall(SoftmaxCrossEntropyGradient(axis: axis), [x, labels, g]) { 16 * 5 * $0 },
    ]
  }

  /// Reductions over axes.
  static func reductions(_ shape: [Int], _ axes: [Int], _ dtype: DType) -> [AxisCall] {
    let x = numbers(shape, seed: 4, dtype) + 1
    let size = Double(x.type.count(over: axes))
    let g = numbers(x.type.reduced(over: axes, keepingAxes: false).shape, seed: 5, dtype)
    // Ties: quarters.
    let coarse = (x * 4).cast(to: .int32).cast(to: dtype)
    let most = coarse.max(over: axes)
    // Elements are below 6; sums in float64 have 50 roundings at most.
    let sums = { (u: Double) in 6 * size * (u + 50 * 0x1p-53) }
    // Of float32, sums of numbers that are not centred: see ReductionKernelTests.
    let variance = { (u: Double) in 36 * (8 * u + 4 * size * size * 0x1p-53) }
    var calls = [
      AxisCall(Sum(axes: axes, keepingAxes: false), [x], sums),
      AxisCall(Mean(axes: axes, keepingAxes: false), [x]) { sums($0) / size + 6 * $0 },
      AxisCall(Variance(axes: axes, correction: 0, keepingAxes: true), [x]) { u in
        u > 0x1p-50 ? variance(u) : 36 * 8 * u
      },
      // Deviations are below 8, and so are cotangents.
      AxisCall(VarianceGradient(axes: axes, correction: 0), [x, g]) { 8 * 2 / size * 8 * 8 * $0 },
      AxisCall(ExtremumGradient(axes: axes), [coarse, most, g]) { 5 * $0 },
      AxisCall(LogSumExp(axes: axes, keepingAxes: false), [x]) { 4 * 16 * $0 },
    ]
    for isMaximum in [false, true] {
      for input in [x, coarse] {
        calls.append(
          AxisCall(Extremum(isMaximum: isMaximum, axes: axes, keepingAxes: false), [input]) { _ in 0
          })
      }
    }
    return calls
  }

  /// On every instruction set, with the reference once for all.
  private func check(_ calls: [AxisCall], _ dtype: DType) {
    for call in calls {
      let wide = call.inputs.map { $0.dtype == dtype ? $0.cast(to: .float64) : $0 }
      let want = [Double](
        call.operation.computed(from: wide, on: .reference)[0].cast(to: .float64))
      let bound = call.bound(dtype.epsilon / 2)
      for instructions in compiled {
        let got = call.operation.computed(from: call.inputs, on: instructions)[0]
        let apart = zip([Double](got.cast(to: .float64)), want).first { a, b in
          !(abs(a - b) <= bound || a.isNaN && b.isNaN || a == b)
        }
        #expect(
          apart == nil,
          "\(call.operation.name) \(call.operation.attributes) of \(call.inputs[0].type) on \(instructions)"
        )
      }
    }
  }

  @Test("Losses and their gradients", arguments: [DType.float32, .float64])
  func losses(_ dtype: DType) {
    for shape in Self.shapes {
      for axis in shape.indices { check(Self.losses(shape, axis, dtype), dtype) }
    }
  }

  @Test("Reductions and their gradients", arguments: [DType.float32, .float64])
  func reductions(_ dtype: DType) {
    for shape in Self.shapes + [[70_001], [2, 3, 4, 5], [40, 3, 6]] {
      var choices = shape.indices.map { [$0] } + [Array(shape.indices)]
      if shape.count > 2 { choices += [[0, 2], [0, 1], [1, 2]] }
      for axes in choices { check(Self.reductions(shape, axes, dtype), dtype) }
    }
  }

  @Test("The place of the largest, with ties and NaN, and extremes of integers")
  func places() {
    for (number, shape) in Self.shapes.enumerated() {
      for axis in shape.indices {
        for dtype in [DType.float32, .float64, .int32] {
          var numbers = integers(shape.reduce(1, *), seed: UInt64(number))
          for hasNaN in dtype == .int32 ? [false] : [false, true] {
            if hasNaN { numbers[numbers.count / 3] = .nan }
            let x = Tensor(numbers, shape: shape).cast(to: dtype)
            check(
              [
                AxisCall(ArgMax(axis: axis), [x]) { _ in 0 },
                AxisCall(Extremum(isMaximum: true, axes: [axis], keepingAxes: false), [x]) { _ in 0
                },
                AxisCall(Extremum(isMaximum: false, axes: [axis], keepingAxes: false), [x]) { _ in 0
                },
              ], .float32)
          }
        }
      }
    }
  }

  @Test(
    "Rows and columns do not depend on the number of threads", arguments: [DType.float32, .float64])
  func threads(_ dtype: DType) {
    for (shape, axis) in [([600, 70], 0), ([70, 600], 1), ([4, 50, 300], 1), ([200_000], 0)] {
      let calls = Self.losses(shape, axis, dtype) + Self.reductions(shape, [axis], dtype)
      for call in calls {
        let results = [1, 2, 3].map { count in
          withThreads(count) {
            [Double](call.operation.computed(from: call.inputs, on: .current)[0].cast(to: .float64))
          }
        }
        #expect(results.allSatisfy { $0 == results[0] }, "\(call.operation.name) of \(shape)")
      }
    }
  }
}
