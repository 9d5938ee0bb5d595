import Testing

@testable import Adjoint

/// The root of the mean square, and the largest.
private func sizes(_ numbers: [Double]) -> (norm: Double, largest: Double) {
  (
    (numbers.reduce(0) { $0 + $1 * $1 } / Double(numbers.count)).squareRoot(),
    numbers.map(\.magnitude).max() ?? 0
  )
}

private func differences(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }

/// Numbers with one of their elements replaced.
private func replaced(_ x: Tensor, at place: Int, by value: Float) -> Tensor {
  var numbers = [Float](x)
  numbers[place] = value
  return Tensor(numbers, shape: x.shape)
}

@Suite("Convolutions in C: float64, other axes, and what Winograd's algorithm may do")
struct ConvolutionKernelTests {
  static let names = ["forward", "by the images", "by the filters"]

  @Test("On lines, planes and in volumes, those of integers are exact", arguments: compiled)
  func integersAreExact(_ instructions: InstructionSet) {
    func whole(_ count: Int, _ seed: UInt64) -> [Float] { integers(count, seed: seed) }
    let cases = [
      ConvolutionCase([2, 3, 40], [5, 3, 4], padding: [0, 2], values: whole),
      ConvolutionCase(
        [2, 4, 33], [6, 2, 3], strides: [2], padding: [3], dilations: [2], groups: 2, values: whole),
      ConvolutionCase([1, 3, 5, 6, 7], [4, 3, 3, 3, 3], padding: [1, 1, 1], values: whole),
      ConvolutionCase(
        [2, 4, 6, 5, 9], [4, 2, 2, 1, 3], strides: [2, 1, 3], padding: [0, 1, 2, 1, 0, 1],
        dilations: [1, 1, 2], groups: 2, values: whole),
      ConvolutionCase([2, 3, 2, 3, 4], [2, 3, 1, 1, 1], values: whole),
      ConvolutionCase([1, 2, 1, 1, 8], [2, 2, 3, 3, 3], padding: [1, 3, 1], values: whole),
      ConvolutionCase([2, 4, 9, 8], [6, 2, 3, 2], strides: [2, 1], groups: 2, values: whole),
      ConvolutionCase([2, 3, 9, 11], [5, 3, 3, 3], padding: [1, 2], values: whole),
    ]
    for test in cases {
      let want = test.results(.precise, .float64, on: .reference)
      for dtype in [DType.float32, .float64] {
        let got = test.results(.precise, dtype, on: instructions)
        for (name, (got, want)) in zip(Self.names, zip(got, want)) {
          #expect(got == want, "\(name) \(test.x.shape) \(test.weight.shape) \(dtype)")
        }
      }
    }
  }

  @Test("A large image is made in bands, which changes nothing", arguments: compiled)
  func bands(_ instructions: InstructionSet) {
    // 64 · 27 rows of columns and 1000 results are more than three bands; too many for the reference. A
    // filter that is 1 at one tap and 0 elsewhere moves the image.
    let test = ConvolutionCase([1, 64, 10, 10, 10], [1, 64, 3, 3, 3], padding: [1, 1, 1])
    var filter = Array(repeating: Float(0), count: test.weight.count)
    filter[63 * 27] = 1
    let operation = Convolution(windows: test.windows, groups: 1, precision: .precise)
    let y = operation.computed(
      from: [test.x, Tensor(filter, shape: test.weight.shape)], on: instructions)[0]
    let (x, got) = ([Float](test.x), [Float](y))
    for z in 1..<10 {
      for row in 1..<10 {
        for column in 1..<10 {
          let place = (z * 10 + row) * 10 + column
          #expect(got[place] == x[63 * 1000 + place - 111])
        }
      }
    }
    let padding = got[0..<100].filter { $0 != 0 }
    #expect(padding.isEmpty)
  }

  @Test("float64 is near the definition, fast and precise, with any padding", arguments: compiled)
  func doublePrecision(_ instructions: InstructionSet) {
    for padding in [[0, 0], [1, 1], [2, 2], [0, 1, 2, 0]] {
      let test = ConvolutionCase([2, 9, 7, 10], [8, 9, 3, 3], padding: padding)
      let want = test.results(.precise, .float64, on: .reference)
      for precision in ConvolutionPrecision.allCases {
        let got = test.results(precision, .float64, on: instructions)
        for (name, (got, want)) in zip(Self.names, zip(got, want)) {
          // As in float32, with the unit roundoff of float64: measured, 1.3e-15 at most.
          let error = sizes(differences(got, want)).norm / sizes(want).norm
          #expect(error < 20 * 0x1p-53, "\(name) \(padding) \(precision): \(error)")
        }
      }
    }
  }

  @Test("Errors are within 2.5 to 3 of a direct sum's", arguments: compiled, [16, 64, 128])
  func errors(_ instructions: InstructionSet, _ channels: Int) {
    let test = ConvolutionCase(
      [2, channels, 20, 20], [channels, channels, 3, 3], padding: [1, 1])
    let want = test.directSums(.float64)
    let direct = test.directSums(.float32)
    let fast = test.results(.fast, .float32, on: instructions)
    for (number, name) in Self.names.enumerated() {
      let error = sizes(differences(fast[number], want[number]))
      let least = sizes(differences(direct[number], want[number]))
      // Where registers are small, more channels are added up in one part; and without fused multiply-add
      // the transformations round more often.
      let bounds: [String: Double] = ["avx512": 2.5, "avx2": 2.75]
      let bound = bounds[instructions.description] ?? 3
      #expect(error.norm <= bound * least.norm, "\(name): \(error.norm / least.norm)")
      #expect(error.largest <= bound * least.largest, "\(name): \(error.largest / least.largest)")
      // It is not the direct sum that is measured.
      #expect(fast[number] != direct[number])
    }
  }

  /// Sizes that leave a part of the last tiles over, and more than one block of them.
  private static let spoilt = ConvolutionCase([2, 9, 13, 22], [10, 9, 3, 3], padding: [1, 1])

  @Test(
    "What is not finite spoils its own windows and no others", arguments: compiled,
    [Float.nan, .infinity, -.infinity, 3e38])
  func notFinite(_ instructions: InstructionSet, _ value: Float) {
    let clean = Self.spoilt.results(.fast, .float32, on: instructions)
    // In the first tile, on borders of tiles, at the ends of the image, and in the second image.
    for place in [0, 3 * 22 + 4, 5 * 22 + 7, 12 * 22 + 21, 9 * 286 + 8 * 22 + 8] {
      var test = Self.spoilt
      test.x = replaced(test.x, at: place, by: value)
      test.dy = replaced(test.dy, at: place + 10, by: value)
      // In float64, 3e38 is nothing special.
      for dtype in [DType.float32, .float64] where dtype == .float32 || !value.isFinite {
        let direct = test.results(.precise, dtype, on: instructions)
        let got = test.results(.fast, dtype, on: instructions)
        for number in 0..<2 {
          let wrong = got[number].indices.filter { index in
            let (got, want) = (got[number][index], direct[number][index])
            guard want.isFinite else { return "\(got)" != "\(want)" }
            return !(abs(got - want) <= 1e-5 * max(want.magnitude, 10))
          }
          #expect(wrong.isEmpty, "\(Self.names[number]) \(value) at \(place): \(wrong)")
          let spoilt = got[number].filter { !$0.isFinite }.count
          #expect(spoilt <= 9 * 10 && (value.isFinite || spoilt > 0))
        }
        #expect("\(got[2])" == "\(direct[2])")
        // An image that does not hold it is as it was, bit for bit.
        let other = place < 9 * 286 ? 10 * 286..<20 * 286 : 0..<10 * 286
        if dtype == .float32 { #expect(got[0][other] == clean[0][other]) }
      }
    }
  }

  @Test("Filters that are not finite are taken directly", arguments: compiled)
  func wildFilters(_ instructions: InstructionSet) {
    for value in [Float.nan, .infinity] {
      var test = Self.spoilt
      test.weight = replaced(test.weight, at: 9 * 9 * 4 + 40, by: value)
      let direct = test.results(.precise, .float32, on: instructions)
      let got = test.results(.fast, .float32, on: instructions)
      #expect("\(got[0])" == "\(direct[0])" && "\(got[1])" == "\(direct[1])", "\(value)")
      // The filters of other outputs have no part in it.
      let others = got[0][0..<286].filter { !$0.isFinite }
      #expect(others.isEmpty)
    }
  }

  @Test("Huge filters give what a direct sum does", arguments: compiled)
  func hugeFilters(_ instructions: InstructionSet) {
    // One element, with which the transformed filters are finite, and nine, with which they are not.
    for taps in [40..<41, 36..<45] {
      var test = Self.spoilt
      for tap in taps { test.weight = replaced(test.weight, at: 9 * 9 * 4 + tap, by: 3e38) }
      let direct = test.results(.precise, .float32, on: instructions)
      let got = test.results(.fast, .float32, on: instructions)
      for number in 0..<2 {
        let wrong = got[number].indices.filter { index in
          let (got, want) = (got[number][index], direct[number][index])
          // Where it has a part, errors are relative to what it makes of the largest element.
          let size = index / 286 % (number == 0 ? 10 : 9) == 4 ? 1e39 : 10
          return want.isFinite ? !(abs(got - want) <= 1e-5 * size) : "\(got)" != "\(want)"
        }
        #expect(wrong.isEmpty, "\(Self.names[number]) \(taps): \(wrong)")
      }
    }
  }

  @Test("Values of 1e37 with weights of 0.01 come out right", arguments: compiled, [1e37, 5e37])
  func largeValues(_ instructions: InstructionSet, _ scale: Float) {
    var test = Self.spoilt
    test.x = (test.x .> 0).cast(to: .float32) * scale
    test.dy = (test.dy .> 0).cast(to: .float32) * scale
    test.weight = (test.weight .> 0).cast(to: .float32) * Float(0.01)
    // Of the gradient by the filters, products of both would be too large.
    var other = test
    other.dy = Self.spoilt.dy * Float(1e-3)
    for (number, test) in [test, test, other].enumerated() {
      let want = test.results(.precise, .float64, on: instructions)[number]
      let got = test.results(.fast, .float32, on: instructions)[number]
      let error = sizes(differences(got, want)).largest
      #expect(error <= 1e-5 * sizes(want).largest, "\(Self.names[number]): \(error)")
    }
  }

  @Test("One large element is felt elsewhere by its rounding errors only", arguments: compiled)
  func largeElement(_ instructions: InstructionSet) {
    var test = Self.spoilt
    let row = 5
    test.x = replaced(test.x * Float(1e-3), at: row * 22 + 7, by: 1e6)
    test.dy = replaced(test.dy * Float(1e-3), at: row * 22 + 7, by: 1e6)
    let want = test.results(.precise, .float64, on: instructions)
    let got = test.results(.fast, .float32, on: instructions)
    let weight = sizes([Double](test.weight.cast(to: .float64))).largest
    for number in 0..<2 {
      let errors = differences(got[number], want[number])
      // The documented bound, and what is usual.
      #expect(sizes(errors).largest <= 8000 * 0x1p-24 * 1e6 * weight)
      #expect(sizes(errors).largest <= 20 * 0x1p-24 * 1e6 * weight, "\(sizes(errors).largest)")
      // The tiles of rows 4 to 7 are the only ones whose windows hold it.
      for place in errors.indices where !(4...7).contains(place / 22 % 13) {
        #expect(abs(errors[place]) <= 2e-7)
      }
    }
  }

  @Test("The number of threads changes no bit", arguments: compiled)
  func threads(_ instructions: InstructionSet) {
    var test = ConvolutionCase([3, 16, 30, 30], [16, 16, 3, 3], padding: [1, 1])
    test.x = replaced(test.x, at: 1000, by: .nan)
    let results = [1, 2, 3].map { count in
      withThreads(count) { "\(test.results(.fast, .float32, on: instructions))" }
    }
    #expect(results[1] == results[0] && results[2] == results[0])
  }

  @Test func aConvolutionSaysThatItIsPrecise() {
    let tape = Tape()
    let x = tape.watch(Tensor.ones([1, 1, 3, 3]))
    _ = x.convolved(with: .ones([1, 1, 3, 3]), precision: .precise)
    #expect("\(tape)".contains("precise"))
    let y = x.convolved(with: .ones([1, 1, 3, 3]), precision: .precise).sum()
    _ = tape.gradients(of: y, with: [x], recording: true)
    let lines = "\(tape)".split(separator: "\n").filter { $0.contains("precise") }
    #expect(lines.count == 3, "both convolutions and the gradient by the images")
  }
}
