import Testing

@testable import Adjoint

@Suite("The kernels in C for reductions, pooling and random numbers")
struct ReductionKernelTests {
  /// Shapes and axes of every layout, and of all lengths of rows and columns.
  private static let cases: [([Int], [Int])] =
    (1...67).flatMap { [([$0], [0]), ([3, $0], [1]), ([$0 % 9 + 2, $0], [0])] } + [
      ([70_001], [0]), ([3, 40_000], [1]), ([5000, 37], [0]), ([300, 5], [0]),
      ([4, 3, 33, 5], [0, 2, 3]), ([2, 3, 4], [1]), ([3, 50, 20], [1]), ([2, 3, 4, 5], [1, 3]),
    ]

  @Test("Variance is the same on every instruction set, and near float64")
  func variance() {
    for (number, (shape, axes)) in Self.cases.enumerated() {
      let count = shape.reduce(1, *)
      for mean in [0.0, 1000] {
        let x = Tensor(normals(count, seed: UInt64(number), mean: mean), shape: shape)
        let operation = Variance(axes: axes, correction: 0, keepingAxes: false)
        let results = compiled.map { [Float](operation.computed(from: [x], on: $0)[0]) }
        #expect(results.allSatisfy { $0 == results[0] }, "\(shape) over \(axes)")
        let exact = [Double](
          operation.computed(from: [x.cast(to: .float64)], on: .reference)[0])
        // Rounded once, and sums in float64 of numbers that are not centred: some units of 2⁻⁵³ for
        // each of n elements, times n where the first is the one that lies apart.
        let size = Double(x.type.count(over: axes))
        let error = 0x1p-24 + 4 * size * size * 0x1p-53
        for (got, want) in zip(results[0], exact) {
          #expect(abs(Double(got) - want) <= error * want, "\(shape) over \(axes): \(got), \(want)")
        }
      }
    }
  }

  @Test("A constant has the variance 0, and NaN and infinity are not hidden", arguments: compiled)
  func hardVariance(_ instructions: InstructionSet) {
    func variance(_ numbers: [Float]) -> Float {
      Float(
        Variance(axes: [0], correction: 0, keepingAxes: false)
          .computed(from: [Tensor(numbers)], on: instructions)[0])
    }
    #expect(variance(Array(repeating: 0.1, count: 35)) == 0)
    for hidden in [Float.nan, .infinity] {
      for place in [0, 20, 34] {
        var numbers = normals(35, seed: 1)
        numbers[place] = hidden
        #expect(variance(numbers).isNaN)
      }
    }
  }

  @Test("The largest and the smallest element, with ties and NaN", arguments: compiled)
  func extremes(_ instructions: InstructionSet) {
    for (number, (shape, axes)) in Self.cases.enumerated() {
      var numbers = integers(shape.reduce(1, *), seed: UInt64(number))
      for hasNaN in [false, true] {
        if hasNaN { numbers[numbers.count / 2] = .nan }
        let x = Tensor(numbers, shape: shape)
        for isMaximum in [true, false] {
          let operation = Extremum(isMaximum: isMaximum, axes: axes, keepingAxes: false)
          let got = [Float](operation.computed(from: [x], on: instructions)[0])
          let want = [Float](operation.computed(from: [x], on: .reference)[0])
          // Which of two zeros is the larger one is left open.
          #expect(
            "\(got.map { $0 + 0 })" == "\(want.map { $0 + 0 })",
            "\(operation.name) of \(shape) over \(axes)")
        }
      }
    }
  }

  @Test("log Σ eˣ, also where all are infinite", arguments: compiled)
  func logSumExp(_ instructions: InstructionSet) {
    func check(_ x: Tensor, _ axes: [Int]) {
      let operation = LogSumExp(axes: axes, keepingAxes: false)
      let got = [Double](operation.computed(from: [x], on: instructions)[0])
      let want = [Double](operation.computed(from: [x.cast(to: .float64)], on: .reference)[0])
      for (got, want) in zip(got, want) {
        // Each exponential is within an ulp, 2⁻²³ of it, which is what the logarithm then has.
        let isNear = abs(got - want) <= 0x1p-23 + abs(want) * 0x1p-24
        #expect(isNear || "\(got)" == "\(want)", "\(x.type) over \(axes): \(got), \(want)")
      }
    }
    for (number, (shape, axes)) in Self.cases.enumerated() {
      check(Tensor(normals(shape.reduce(1, *), seed: UInt64(number)), shape: shape), axes)
    }
    let (low, high) = (-Float.infinity, Float.infinity)
    check(
      Tensor([[low, low], [low, 1], [high, 1], [high, high], [.nan, 1], [low, high]]), [1])
  }

  @Test("Random numbers are those of the reference, bit for bit", arguments: compiled)
  func random(_ instructions: InstructionSet) {
    var generator = Philox(seed: 0xfedc_ba98_7654_3210, draw: 0x1234_5678_9abc_def0)
    let distribution = Tensor([0.3, 1.7] as [Double])
    for count in Array(0...67) + [255, 257, 70_000] {
      let key = generator.nextKey()
      for dtype in [DType.float32, .float64] {
        let calls: [(any Adjoint.Operation, [Tensor])] = [
          (UniformRandom(shape: [count], dtype: dtype), [key]),
          (NormalRandom(shape: [count], dtype: dtype), [key, distribution]),
        ]
        for (operation, inputs) in calls {
          let got = operation.computed(from: inputs, on: instructions)[0]
          let want = operation.computed(from: inputs, on: .reference)[0]
          #expect(
            [Double](got.cast(to: .float64)) == [Double](want.cast(to: .float64)),
            "\(operation.name) \(dtype) at \(count)")
        }
      }
    }
  }

  @Test("Pooling with windows of every kind, and its gradient", arguments: compiled)
  func pooling(_ instructions: InstructionSet) {
    let cases: [([Int], [Int], strides: [Int], padding: [Int], dilations: [Int])] = [
      ([2, 3, 7, 9], [3, 3], [2, 2], [1, 1], [1, 1]),
      ([1, 2, 8, 8], [2, 3], [1, 2], [1, 0], [2, 1]),
      ([2, 2, 11], [4], [3], [2], [1]),
      ([1, 2, 5, 6, 4], [2, 2, 3], [1, 2, 1], [0, 1, 1], [1, 1, 1]),
      ([3, 1, 5, 5], [5, 5], [1, 1], [2, 2], [1, 1]),
    ]
    for (shape, extents, strides, padding, dilations) in cases {
      let windows = Windows(
        extents, strides: strides, padding: padding, dilations: dilations, "pooling")
      var numbers = integers(shape.reduce(1, *), seed: 5)
      numbers[numbers.count / 2] = .nan
      let withNaN = Tensor(numbers, shape: shape)
      numbers[numbers.count / 2] = 3
      let x = Tensor(numbers, shape: shape)
      for roundsUp in [false, true] {
        var calls: [(any Adjoint.Operation, Tensor)] = [
          (MaxPooling(windows: windows, roundsUp: roundsUp), withNaN)
        ]
        for divisor in [Pooling.Divisor.elements, .elementsAndPadding, .one] {
          let pool = AveragePooling(
            windows: windows, roundsUp: roundsUp, divisor: divisor)
          let gradient = AveragePoolingGradient(
            windows: windows, roundsUp: roundsUp, divisor: divisor,
            extents: Array(shape[2...]))
          calls += [(pool, x), (gradient, pool.computed(from: [x], on: .reference)[0])]
        }
        for (operation, input) in calls {
          let got = operation.computed(from: [input], on: instructions)
          let want = operation.computed(from: [input], on: .reference)
          for (got, want) in zip(got, want) {
            #expect(
              "\([Double](got.cast(to: .float64)))" == "\([Double](want.cast(to: .float64)))",
              "\(operation.name) of \(shape), \(operation.attributes)")
          }
        }
      }
    }
  }
}
