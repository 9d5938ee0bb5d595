import AdjointKernels
import Testing

@testable import Adjoint

@Suite("The kernels in C, at every length and on every instruction set")
struct KernelTests {
  @Test("Products of every shape up to 40, exactly")
  func products() {
    var generator = Philox(seed: 4)
    func extent(_ most: Double) -> Int {
      Int(Float(Tensor.uniform([], in: 0..<most, using: &generator)).rounded())
    }
    let sizes =
      (0...40).map { ($0, $0, $0) }
      + (0..<60).map { _ in (extent(90), extent(70), extent(90)) }
      + (1...17).flatMap { [($0, 64 + $0, 41), (50, 80 - $0, $0)] }
      + [(1, 600, 70), (70, 600, 1), (2, 1030, 2), (30, 520, 1100), (1, 1000, 1)]
    for (number, (m, k, n)) in sizes.enumerated() {
      for (left, right) in [(false, false), (true, false), (false, true), (true, true)] {
        let operation = MatMul(transposesLeft: left, transposesRight: right)
        let a = Tensor(
          integers(m * k, seed: UInt64(2 * number)), shape: left ? [k, m] : [m, k])
        let b = Tensor(
          integers(k * n, seed: UInt64(2 * number + 1)), shape: right ? [n, k] : [k, n])
        // Of integers, and so the same in both precisions.
        let want = [Double](operation.computed(from: [a, b], on: .reference)[0])
        for dtype in [DType.float32, .float64] {
          let inputs = [a.cast(to: dtype), b.cast(to: dtype)]
          for instructions in compiled {
            let got = [Double](operation.computed(from: inputs, on: instructions)[0])
            #expect(got == want, "\(m) by \(k) by \(n), \(operation.attributes), \(dtype)")
          }
        }
      }
    }
  }

  @Test("Sums are the same on every instruction set, and those of integers exact")
  func sums() {
    let shapes: [([Int], [Int])] =
      (0...67).map { ([$0], [0]) } + [
        ([70_001], [0]), ([3, 40_000], [1]), ([5000, 37], [0]), ([300, 5], [0]),
        ([4, 3, 33, 5], [0, 2, 3]), ([2, 3, 4], [1]), ([3, 50, 20], [1]), ([2, 3, 4, 5], [1, 3]),
      ]
    for (shape, axes) in shapes {
      let count = shape.reduce(1, *)
      let operation = Sum(axes: axes, keepingAxes: false)
      for dtype in [DType.float32, .float64] {
        let whole = Tensor(integers(count, seed: 3), shape: shape).cast(to: dtype)
        let exact = [Double](operation.computed(from: [whole], on: .reference)[0])
        let other = Tensor(normals(count, seed: 5), shape: shape).cast(to: dtype)
        let results = compiled.map { [Double](operation.computed(from: [other], on: $0)[0]) }
        for instructions in compiled {
          #expect([Double](operation.computed(from: [whole], on: instructions)[0]) == exact)
        }
        #expect(results.allSatisfy { $0 == results[0] }, "\(shape) over \(axes)")
      }
    }
  }

  @Test("Batch norm is the same on every instruction set, and near float64")
  func batchNorm() {
    let cases: [([Int], Int)] =
      (2...35).map { ([$0, 3], 1) } + (1...35).map { ([2, 2, $0], 1) } + [
        ([130, 67], 1), ([3, 20, 7, 7], 1), ([40, 5, 5, 19], 3), ([2000, 16], 1), ([6, 200], 0),
      ]
    for (number, (shape, axis)) in cases.enumerated() {
      let (count, channels) = (shape.reduce(1, *), shape[axis])
      let x = Tensor(normals(count, seed: UInt64(number), mean: 100), shape: shape)
      let dy = Tensor(normals(count, seed: UInt64(number + 500)), shape: shape)
      let scale = Tensor(normals(channels, seed: 1)) + 2
      let shift = Tensor(normals(channels, seed: 2))
      let forward = BatchNormalization(axis: axis)
      let results = compiled.map {
        forward.computed(from: [x, scale, shift, Tensor(1e-5)], on: $0)
      }
      let exact = forward.computed(
        from: [x, scale, shift, Tensor(1e-5)].map { $0.cast(to: .float64) }, on: .reference)
      let backward = BatchNormalizationGradient(axis: axis)
      let inputs = [x, scale, exact[1].cast(to: .float32), exact[3].cast(to: .float32), dy]
      let gradients = compiled.map { backward.computed(from: inputs, on: $0) }
      let exactGradients = backward.computed(
        from: inputs.map { $0.cast(to: .float64) }, on: .reference)
      for (got, want) in [(results, exact), (gradients, exactGradients)] {
        for output in want.indices {
          let first = [Float](got[0][output])
          #expect(got.allSatisfy { [Float]($0[output]) == first }, "\(shape) output \(output)")
          // A handful of roundings, each of a number no larger than the largest result. dx is a
          // difference of terms of the size of γ·dy/σ; 2 values per channel cancel all of it.
          let values = [Double](want[output])
          let terms = output == 0 && want.count == 3 ? [Double](inputs[3]).max()! * 20 : 0
          let bound = 8 * Double(Float.ulpOfOne) * max(values.map(abs).max() ?? 0, terms)
          for (a, b) in zip(first, values) {
            #expect(abs(Double(a) - b) <= bound, "\(shape) output \(output): \(a), \(b)")
          }
        }
      }
    }
  }

  @Test("Convolutions of integers by way of columns are exact", arguments: compiled)
  func convolutions(_ instructions: InstructionSet) {
    let cases: [([Int], [Int], [Int], [Int], [Int], Int)] = [
      ([2, 3, 9, 11], [5, 3, 3, 3], [1, 1], [1, 1], [1, 1], 1),
      ([2, 4, 9, 8], [6, 2, 3, 2], [2, 1], [1, 0], [1, 2], 2),
      ([3, 5, 7, 7], [4, 5, 1, 1], [1, 1], [0, 0], [1, 1], 1),
      ([3, 5, 7, 7], [4, 5, 1, 1], [2, 2], [0, 0], [1, 1], 1),
      ([1, 2, 12, 12], [2, 2, 5, 5], [3, 2], [2, 2], [1, 1], 1),
      ([3, 8, 8, 8], [9, 8, 3, 3], [2, 1], [1, 1], [1, 1], 1),
      ([2, 3, 10, 9], [7, 3, 3, 3], [1, 1], [2, 0], [1, 1], 1),
    ]
    for (xShape, weightShape, strides, padding, dilations, groups) in cases {
      let windows = Windows(
        Array(weightShape[2...]), strides: strides, padding: padding, dilations: dilations, "")
      let x = Tensor(integers(xShape.reduce(1, *), seed: 1), shape: xShape)
      let weight = Tensor(integers(weightShape.reduce(1, *), seed: 2), shape: weightShape)
      let forward = Convolution(windows: windows, groups: groups)
      let yShape = forward.outputTypes(for: [x.type, weight.type])[0].shape
      let dy = Tensor(integers(yShape.reduce(1, *), seed: 3), shape: yShape)
      let calls: [(any Adjoint.Operation, [Tensor])] = [
        (forward, [x, weight]),
        (
          ConvolutionInputGradient(
            windows: windows, groups: groups, extents: Array(xShape[2...])), [dy, weight]
        ),
        (ConvolutionWeightGradient(windows: windows, groups: groups), [x, dy]),
      ]
      for (operation, inputs) in calls {
        #expect(
          [Float](operation.computed(from: inputs, on: instructions)[0])
            == [Float](operation.computed(from: inputs, on: .reference)[0]),
          "\(operation.name) \(xShape) \(weightShape)")
      }
    }
  }

  @Test("Winograd's convolutions stay within their bound", arguments: compiled)
  func winograd(_ instructions: InstructionSet) {
    let cases = [
      ([3, 8, 8, 8], 9, [1, 1]), ([2, 17, 14, 30], 8, [2, 0]), ([1, 8, 5, 70], 20, [0, 1]),
      ([5, 16, 2, 2], 16, [1, 1]), ([1, 32, 9, 9], 40, [1, 2]),
    ]
    for (xShape, outputs, padding) in cases {
      let weightShape = [outputs, xShape[1], 3, 3]
      let windows = Windows([3, 3], strides: nil, padding: padding, dilations: nil, "")
      let x = Tensor(normals(xShape.reduce(1, *), seed: 1), shape: xShape)
      let weight = Tensor(normals(weightShape.reduce(1, *), seed: 2), shape: weightShape)
      let forward = Convolution(windows: windows, groups: 1)
      let yShape = forward.outputTypes(for: [x.type, weight.type])[0].shape
      let dy = Tensor(normals(yShape.reduce(1, *), seed: 3), shape: yShape)
      let tiles = yShape[0] * yShape[2] * yShape[3] / 16 + 1
      let calls: [(any Adjoint.Operation, [Tensor], summands: Int)] = [
        (forward, [x, weight], xShape[1]),
        (
          ConvolutionInputGradient(
            windows: windows, groups: 1, extents: Array(xShape[2...])), [dy, weight], outputs
        ),
        (ConvolutionWeightGradient(windows: windows, groups: 1), [x, dy], tiles),
      ]
      for (operation, inputs, summands) in calls {
        let got = [Double](operation.computed(from: inputs, on: instructions)[0])
        let want = [Double](
          operation.computed(from: inputs.map { $0.cast(to: .float64) }, on: .reference)[0])
        func norm(_ numbers: [Double]) -> Double {
          numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        // Random roundings: 16 in the transforms and one for each summand, in quadrature at most √ of
        // their number each; grown by what the matrices let them grow (see Winograd.h).
        let bound = 10.8 * (4 + Double(summands).squareRoot()) * 0x1p-24
        let error = norm(zip(got, want).map(-)) / norm(want)
        #expect(error <= bound, "\(operation.name) \(xShape): error \(error), bound \(bound)")
      }
    }
  }

  @Test("Pooling in pairs, with NaN", arguments: compiled)
  func pooling(_ instructions: InstructionSet) {
    let windows = Windows([2, 2], strides: [2, 2], padding: nil, dilations: nil, "")
    for width in stride(from: 2, through: 40, by: 2) {
      var numbers = integers(3 * 6 * width, seed: UInt64(width))
      numbers[width] = .nan
      let x = Tensor(numbers, shape: [1, 3, 6, width])
      let pool = MaxPooling(windows: windows, roundsUp: false)
      let (got, want) = (
        pool.computed(from: [x], on: instructions), pool.computed(from: [x], on: .reference)
      )
      #expect("\([Float](got[0]))" == "\([Float](want[0]))")
      #expect([Int32](got[1]) == [Int32](want[1]))
      let scatter = PlaceScatter(windows: windows, extents: [6, width])
      let dy = Tensor(integers(want[0].count, seed: 9), shape: want[0].shape)
      #expect(
        [Float](scatter.computed(from: [dy, want[1]], on: instructions)[0])
          == [Float](scatter.computed(from: [dy, want[1]], on: .reference)[0]))
    }
  }
}
