import Testing

@testable import Adjoint

/// Every instruction set, and the reference.
private let all = InstructionSet.available

@Suite("Numerics of sums and of what is made of them")
struct SumNumericsTests {
  @Test("The variance of many numbers of float64 has all its digits", arguments: all)
  func variance(_ instructions: InstructionSet) {
    // Half of them ⅞ and half 1⅛ + 2⁻⁴⁰: the deviations are ±(⅛ + 2⁻⁴¹), whose square is
    // 2⁻⁶ + 2⁻⁴³ + 2⁻⁸², and the last term is less than half a unit.
    let n = 100_000
    let numbers = (0..<n).map { $0.isMultiple(of: 2) ? 0.875 : 1.125 + 0x1p-40 }
    for shape in [[n], [n, 1], [n / 2, 2], [4, n / 4]] {
      // Along the axis whose elements are of both kinds.
      let x = Tensor(numbers, shape: [n / 4, 4]).transposed().reshaped(to: [4, n / 4])
      let mixed = shape == [4, n / 4] ? Tensor(numbers, shape: shape) : x.reshaped(to: [n])
      let axes = shape == [4, n / 4] ? [1] : [0]
      let y = Variance(axes: axes, correction: 0, keepingAxes: false)
        .computed(from: [mixed], on: instructions)[0]
      #expect([Double](y).allSatisfy { $0 == 0x1p-6 + 0x1p-43 }, "\(shape): \(y)")
    }
    // In columns, each the same numbers.
    let columns = Tensor(numbers.flatMap { [$0, $0, $0] }, shape: [n, 3])
    let y = Variance(axes: [0], correction: 0, keepingAxes: false)
      .computed(from: [columns], on: instructions)[0]
    #expect([Double](y).allSatisfy { $0 == 0x1p-6 + 0x1p-43 }, "\(y)")
  }

  @Test("Small summands of float64 are not lost next to a large one", arguments: all)
  func smallSummands(_ instructions: InstructionSet) {
    // 1 and 2²⁰ numbers of 2⁻⁵³, of which each is lost by itself. The sum is 1 + 2⁻³³.
    let n = 1 << 20
    let numbers = [1.0] + Array(repeating: 0x1p-53, count: n)
    let row = Double(
      Sum(axes: [0], keepingAxes: false).computed(from: [Tensor(numbers)], on: instructions)[0])
    #expect(abs(row - (1 + 0x1p-33)) <= 50 * 0x1p-53)
    let columns = Tensor(numbers.flatMap { [$0, $0] }, shape: [n + 1, 2])
    let sums = [Double](
      Sum(axes: [0], keepingAxes: false).computed(from: [columns], on: instructions)[0])
    #expect(sums == [1 + 0x1p-33, 1 + 0x1p-33])
  }

  @Test("Sums that are not finite", arguments: all)
  func infiniteSums(_ instructions: InstructionSet) {
    let high = Double.infinity
    for (numbers, sum) in [
      ([1, high, 2], high), ([-high, 3, 1], -high), ([1e308, 1e308, 1], high),
    ] {
      let tall = Tensor(numbers.flatMap { [$0, $0] }, shape: [3, 2])
      for x in [Tensor(numbers, shape: [1, 3]), tall.transposed()] {
        let y = Sum(axes: [1], keepingAxes: false).computed(from: [x], on: instructions)[0]
        #expect([Double](y).allSatisfy { $0 == sum })
      }
      let y = Sum(axes: [0], keepingAxes: false).computed(from: [tall], on: instructions)[0]
      #expect([Double](y) == [sum, sum])
    }
  }

  @Test("The gradient of log Σ eˣ is the softmax of x", arguments: [DType.float32, .float64])
  func logSumExpGradient(_ dtype: DType) {
    // y is rounded to 10⁸ in float32 and loses digits in float64.
    for values in [[1e8, 1e8], [-1e8, -1e8]] {
      let x = Tensor(values).cast(to: dtype)
      #expect([Double](gradient(at: x) { $0.logSumExp() }.cast(to: .float64)) == [0.5, 0.5])
      let columns = Tensor(values.map { [$0, $0] }).cast(to: dtype)
      let g = gradient(at: columns) { $0.logSumExp(over: [0]).sum() }
      #expect([Double](g.cast(to: .float64)) == [0.5, 0.5, 0.5, 0.5])
      let everything = gradient(at: columns.reshaped(to: [2, 1, 2])) {
        $0.logSumExp(over: [0, 2]).sum()
      }
      #expect([Double](everything.cast(to: .float64)) == [0.25, 0.25, 0.25, 0.25])
    }
  }

  /// Whether the elements are these numbers, or no numbers where these are none.
  private func agree(_ tensor: Tensor, _ numbers: [Double]) -> Bool {
    zip([Double](tensor.cast(to: .float64)), numbers).allSatisfy {
      $0 == $1 || $0.isNaN && $1.isNaN
    }
  }

  @Test("log Σ eˣ and its gradient where elements are not finite", arguments: all)
  func infinite(_ instructions: InstructionSet) {
    let (low, high, nan) = (-Double.infinity, Double.infinity, Double.nan)
    // y, and dx for dy = 2, as PyTorch has them but for the first.
    let cases: [([Double], Double, [Double])] = [
      ([low, low], low, [0, 0]), ([low, 1], 1, [0, 2]), ([high, 1], high, [nan, 0]),
      ([high, high], high, [nan, nan]), ([high, low], high, [nan, 0]),
      ([nan, 1], nan, [nan, nan]),
    ]
    for (numbers, y, dx) in cases {
      for dtype in [DType.float32, .float64] {
        let row = Tensor([numbers]).cast(to: dtype)
        for (axis, x) in [(1, row), (0, Tensor(numbers.map { [$0, $0] }).cast(to: dtype))] {
          let count = 2 - axis
          let got = LogSumExp(axes: [axis], keepingAxes: false)
            .computed(from: [x], on: instructions)[0]
          let slopes = LogSumExpGradient(axis: axis).computed(
            from: [x, .full([count], 2, dtype: dtype)], on: instructions)[0]
          let wantSlopes = axis == 1 ? dx : dx.flatMap { [$0, $0] }
          #expect(agree(got, Array(repeating: y, count: count)), "\(numbers): \(got)")
          #expect(agree(slopes, wantSlopes), "\(numbers): \(slopes)")
        }
      }
    }
  }

  @Test("A softmax with a mask of −∞", arguments: all)
  func masked(_ instructions: InstructionSet) {
    let low = -Double.infinity
    for dtype in [DType.float32, .float64] {
      for isLogarithm in [false, true] {
        let x = Tensor([[low, 3, low, 3], [low, low, low, low]] as [[Double]]).cast(to: dtype)
        let y = Softmax(isLogarithm: isLogarithm, axis: 1).computed(from: [x], on: instructions)[0]
        let columns = Softmax(isLogarithm: isLogarithm, axis: 0)
          .computed(from: [x.transposed()], on: instructions)[0].transposed()
        for result in [y, columns] {
          let values = [Double](result.cast(to: .float64))
          let half = isLogarithm ? -0.69314718055994531 : 0.5
          let none = isLogarithm ? low : 0
          #expect(values[0] == none && values[2] == none)
          #expect(abs(values[1] - half) <= dtype.epsilon && values[1] == values[3])
          #expect(values[4...].allSatisfy { $0.isNaN })
        }
      }
    }
  }

  @Test("What is nearly sure keeps its digits", arguments: all)
  func nearlySure(_ instructions: InstructionSet) {
    // log(1 + e⁻⁴⁰) = e⁻⁴⁰ but for its square, 10⁻³⁵.
    let rest = 4.248354255291589e-18
    for dtype in [DType.float32, .float64] {
      let labels = Tensor([0, 0] as [Int32])
      let x = Tensor([[0, -40], [0, -40]] as [[Double]]).cast(to: dtype)
      for (axis, x) in [(1, x), (0, x.transposed())] {
        let losses = SoftmaxCrossEntropy(axis: axis).computed(from: [x, labels], on: instructions)[
          0]
        let slopes = SoftmaxCrossEntropyGradient(axis: axis).computed(
          from: [x, labels, .full([2], 1, dtype: dtype)], on: instructions)[0]
        let logarithms = Softmax(isLogarithm: true, axis: axis)
          .computed(from: [x], on: instructions)[0]
        for (got, want) in [
          ([Double](losses.cast(to: .float64))[0], rest),
          ([Double](slopes.cast(to: .float64))[0], -rest),
          ([Double](logarithms.cast(to: .float64))[0], -rest),
        ] {
          #expect(abs(got - want) <= 4 * dtype.epsilon * rest, "\(got)")
        }
      }
    }
  }
}
