import Testing

@testable import Adjoint

@Suite("Depthwise convolutions in C")
struct DepthwiseKernelTests {
  private static func whole(_ count: Int, _ seed: UInt64) -> [Float] {
    integers(count, seed: seed)
  }

  /// Groups of one channel and up to four filters: on lines, planes and in volumes, with every stride
  /// and dilation, windows as large as the image, and sizes around those of vectors.
  static let cases: [ConvolutionCase] = [
    ConvolutionCase([2, 3, 40], [3, 1, 5], padding: [2], groups: 3, values: whole),
    ConvolutionCase(
      [2, 3, 41], [6, 1, 4], strides: [3], dilations: [2], groups: 3, values: whole),
    ConvolutionCase([2, 5, 9, 11], [5, 1, 3, 3], padding: [1, 1], groups: 5, values: whole),
    ConvolutionCase(
      [3, 2, 8, 8], [8, 1, 3, 3], strides: [2, 2], padding: [1, 1], groups: 2, values: whole),
    ConvolutionCase(
      [1, 2, 9, 10], [6, 1, 3, 2], strides: [2, 3], padding: [0, 2, 1, 3], dilations: [2, 1],
      groups: 2, values: whole),
    ConvolutionCase([2, 3, 16, 17], [3, 1, 1, 1], strides: [2, 2], groups: 3, values: whole),
    ConvolutionCase([1, 2, 5, 4], [2, 1, 5, 4], groups: 2, values: whole),
    ConvolutionCase([1, 2, 3, 3], [2, 1, 3, 3], padding: [3, 3], groups: 2, values: whole),
    ConvolutionCase(
      [2, 2, 5, 6, 7], [4, 1, 3, 2, 3], strides: [2, 1, 2], padding: [1, 0, 2],
      dilations: [1, 2, 1], groups: 2, values: whole),
    // An image of one channel, and a stride that leaves out more than it takes.
    ConvolutionCase([2, 1, 12, 13], [3, 1, 2, 2], strides: [5, 4], values: whole),
    ConvolutionCase([1, 70, 33, 34], [70, 1, 3, 3], padding: [1, 1], groups: 70, values: whole),
  ]

  @Test("Of integers they are exact", arguments: compiled)
  func integersAreExact(_ instructions: InstructionSet) {
    for test in Self.cases {
      let want = test.results(.fast, .float64, on: .reference)
      for dtype in [DType.float32, .float64] {
        let got = test.results(.fast, dtype, on: instructions)
        for (name, (got, want)) in zip(ConvolutionKernelTests.names, zip(got, want)) {
          #expect(got == want, "\(name) \(test.x.shape) \(test.weight.shape) \(dtype)")
        }
      }
    }
  }

  @Test("Of other numbers they are near float64", arguments: compiled)
  func normalNumbers(_ instructions: InstructionSet) {
    let test = ConvolutionCase([3, 4, 20, 21], [4, 1, 3, 3], padding: [1, 1], groups: 4)
    let want = test.results(.fast, .float64, on: .reference)
    let got = test.results(.fast, .float32, on: instructions)
    // Roundings of half a unit in the sums of 9, 9, and in sixteen parts of 1260 terms below 20 each.
    let terms: [Double] = [9, 9, 1260 / 16 + 5]
    for number in terms.indices {
      let error = zip(got[number], want[number]).map { abs($0 - $1) }.max() ?? 0
      let bound = terms[number] * terms[number] * 20 * 0x1p-24
      #expect(error <= bound, "\(ConvolutionKernelTests.names[number]): \(error)")
    }
  }

  @Test("What is not finite spoils what it is multiplied by, and nothing else", arguments: compiled)
  func notFinite(_ instructions: InstructionSet) {
    let clean = ConvolutionCase([1, 2, 6, 7], [2, 1, 3, 3], groups: 2, values: Self.whole)
    func spoilt(_ tensor: Tensor, _ place: Int, _ value: Float) -> Tensor {
      var numbers = [Float](tensor)
      numbers[place] = value
      return Tensor(numbers, shape: tensor.shape)
    }
    for value in [Float.nan, .infinity] {
      for part in 0..<3 {
        for place in [0, 6, 8] {
          var test = clean
          switch part {
          case 0: test.x = spoilt(test.x, place, value)
          case 1: test.weight = spoilt(test.weight, place, value)
          default: test.dy = spoilt(test.dy, place, value)
          }
          let want = test.results(.fast, .float64, on: .reference)
          let got = test.results(.fast, .float32, on: instructions)
          for (name, (got, want)) in zip(ConvolutionKernelTests.names, zip(got, want)) {
            #expect("\(got)" == "\(want)", "\(name), \(value) in \(part) at \(place)")
          }
        }
      }
    }
  }
}
