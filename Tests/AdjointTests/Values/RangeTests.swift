import Testing

@testable import Adjoint

/// Results that elements can hold, of which something on the way might be beyond them, or have no influence.
@Suite("Ranges")
struct RangeTests {
  @Test("Running statistics stay, or are averaged, in all forms alike")
  func runningStatistics() {
    let step = RunningStatistics(isCumulative: false)
    func forms(_ mean: Float, _ variance: Float, _ old: Float, weight: Float) -> [[Tensor]] {
      let inputs = [
        Tensor([mean]), Tensor([variance]), Tensor([old]), Tensor([1]), Tensor(4 as Int32),
        Tensor(weight), Tensor(2 as Float),
      ]
      return [step.computed(from: inputs, on: .reference), step.composed(inputs)]
        + compiled.map { step.computed(from: inputs, on: $0) }
    }
    // 2·σ² is beyond float32.
    for outputs in forms(0, 2.25e38, 5, weight: 0.5) {
      #expect(outputs == [Tensor([5]), Tensor([1]), Tensor(4 as Int32)])
    }
    // The difference of the means is.
    for outputs in forms(3e38, 1, -3e38, weight: 0.5) {
      #expect(outputs == [Tensor([0]), Tensor([1.5]), Tensor(5 as Int32)])
    }
  }

  /// As dx = γ·(ȳ − mean(ȳ) − x̂·mean(ȳ·x̂))/σ is of degree −1 in x, it is that of x/10⁻¹¹⁰, times 10¹¹⁰.
  @Test func gradientsOfSmallDeviationsComposed() {
    let unit = Tensor([1, -1, 3], shape: [3, 1], dtype: .float64)
    let dy = Tensor([1, 2, -0.5], shape: [3, 1], dtype: .float64)
    func gradient(_ x: Tensor, fused: Bool) -> Tensor {
      vectorJacobianProduct(at: x, cotangent: dy) {
        $0.batchNormalized(
          scale: .ones([1], dtype: .float64), shift: .zeros([1], dtype: .float64), epsilon: 0,
          fused: fused
        ).output
      }.product
    }
    let want = gradient(unit, fused: true) * 1e110
    for isFused in [true, false] {
      let got = gradient(unit * 1e-110, fused: isFused)
      #expect(got.isClose(to: want, relative: 1e-12, absolute: 0), "\(isFused): \(got)")
    }
  }

  /// The slopes −y² and −y³/2 are beyond the type, times g they are not.
  @Test func slopesBeyondTheType() {
    for dtype in [DType.float32, .float64] {
      let (x, g) = dtype == .float32 ? (1e-30, 1e-30) : (1e-220, 1e-220)
      func product(_ function: (Tensor) -> Tensor) -> Double {
        Double(
          vectorJacobianProduct(
            at: Tensor([x], dtype: dtype), cotangent: Tensor([g], dtype: dtype)
          ) { function($0) }.product[0])
      }
      #expect(abs(product { $0.rsqrt() } / (-0.5 / x.squareRoot()) - 1) < 1e-6)
      #expect(abs(product { $0.reciprocal() } * x + 1) < 1e-6)
    }
  }

  /// 10⁵ times 0.1, as the numbers of float32: their sum in float32, one by one, is 9998.56.
  @Test func placesMetOftenAreSummedInFloat64() {
    let count = 100_000
    let places = Tensor((0..<count).map { Int32($0 % 10 == 0 ? 2 : 1) })
    for width in [1, 3, 70] {
      let x = Tensor.full([count, width], 0.1)
      let operation = ScatterAdd(axis: 0, extent: 4)
      let forms = [.reference] + compiled
      for instructions in forms {
        let y = operation.computed(from: [x, places], on: instructions)[0]
        let want = [0, 0.9, 0.1, 0].map { Float(Double($0) * Double(count) * Double(Float(0.1))) }
        for (row, value) in want.enumerated() {
          #expect(
            [Float](y[row]) == Array(repeating: value, count: width), "\(instructions): \(y[row])")
        }
      }
    }
  }

  /// Query 0 sees key 0 alone, whose value is 3.
  @Test("What a query does not see has no influence on it", arguments: [1, 3, 70])
  func unseenKeys(_ count: Int) {
    let attention = Attention(isCausal: true)
    let (q, k) = (Tensor.ones([1, count + 1, 1]), Tensor.ones([1, count + 1, 1]))
    func values(_ last: Float) -> Tensor {
      Tensor((0...count).map { $0 == count ? last : 3 }, shape: [1, count + 1, 1])
    }
    let lastUnknown = Tensor(
      (0...count).map { $0 == count ? Float.nan : 1 }, shape: [1, count + 1, 1])
    let forms = [.reference] + compiled
    for instructions in forms {
      for (key, value) in [(k, values(.infinity)), (k, values(.nan)), (lastUnknown, values(3))] {
        let y = [Float](attention.computed(from: [q, key, value], on: instructions)[0])
        let isThree = y.dropLast().allSatisfy { abs($0 - 3) < 1e-6 }
        #expect(isThree && !y[count].isFinite, "\(instructions): \(y)")
        let dy = Tensor((0...count).map { $0 == count ? 0 : 2 }, shape: [1, count + 1, 1])
        let gradients = AttentionGradient(isCausal: true)
          .computed(from: [q, key, value, dy], on: instructions)
        // The values are equal, so that no share matters.
        let isZero = [Float](gradients[0]).dropLast().allSatisfy { abs($0) < 1e-5 }
        #expect(isZero, "\(instructions): \(gradients[0])")
      }
    }
  }

  /// A key that a mask hides from all queries, as padding is.
  @Test func hiddenKeysHaveNoInfluence() {
    let (q, mask) = (Tensor([[1], [2]]), Tensor([true, false]))
    for unknown in [Float.infinity, .nan] {
      let (k, v) = (Tensor([[1], [unknown]]), Tensor([[3], [unknown]]))
      for mask in [mask, mask.broadcast(to: [2, 2]), mask.broadcast(to: [1, 2])] {
        func attention(_ x: [Tensor]) -> Tensor {
          .attention(query: x[0], key: x[1], value: x[2], mask: mask)
        }
        #expect(attention([q, k, v]) == Tensor([[3], [3]]))
        let gradients = gradients(at: [q, k, v]) { attention($0).sum() }
        #expect(gradients[0] == .zeros([2, 1]) && gradients[1] == .zeros([2, 1]))
        #expect(gradients[2] == Tensor([[2], [0]]))
      }
    }
  }

  /// Attention of the first queries is that without the last key, which only the last query sees: its value and its
  /// gradients, those of second order where no query sees the key.
  @Test("A key that only others see is as if there were none", arguments: [Double.nan, .infinity])
  func keysThatOthersSee(_ unknown: Double) {
    let (q, k, v) = (
      Tensor.sample([3, 2]), Tensor.sample([2, 2], seed: 2), Tensor.sample([2, 2], seed: 3)
    )
    let last = Tensor.full([1, 2], unknown, dtype: .float64)
    let seen = Tensor([[true, true, false], [true, false, false], [true, true, true]])
    let added = Tensor.zeros([3, 3], dtype: .float64).select(where: seen, otherwise: -.infinity)
    let earlier = Tensor.lowerTriangle(3, 3)
    func expectEqual(_ got: [Tensor], _ want: [Tensor], _ what: String) {
      for (place, (got, want)) in zip(got, want).enumerated() {
        // What is not there gets nothing.
        let rest = Tensor.zeros([got.shape[0] - want.shape[0], 2], dtype: .float64)
        let want = Tensor.concatenated([want, rest], along: 0)
        #expect(
          got.isClose(to: want, relative: 1e-12, absolute: 1e-13), "\(what), \(place): \(got)")
      }
    }
    typealias Form = (mask: Tensor?, isCausal: Bool, softcap: Double?)
    let forms: [Form] = [
      (seen, false, nil), (added, false, nil), (seen, false, 3), (earlier, false, nil),
      (nil, true, nil), (nil, true, 3), (seen, true, nil),
    ]
    for (number, form) in forms.enumerated() {
      func attention(_ x: [Tensor], _ queries: Int, _ keys: Int) -> Tensor {
        let y = Tensor.attention(
          query: x[0][0..<queries], key: x[1], value: x[2],
          mask: form.mask?[0..<queries].slice(0..<keys, along: 1), isCausal: form.isCausal,
          softcap: form.softcap)
        return (y[0..<2].squared() * Tensor.sample([2, 2], seed: 4)).sum()
      }
      let (short, long) = (
        [q, k, v], [q] + [k, v].map { Tensor.concatenated([$0, last], along: 0) }
      )
      let want = valueAndGradients(at: short) { attention($0, 2, 2) }
      for queries in [2, 3] {
        let got = valueAndGradients(at: long) { attention($0, queries, 3) }
        #expect(got.value.isClose(to: want.value), "form \(number)")
        expectEqual(got.gradients, want.gradients, "form \(number)")
      }
      func second(_ x: [Tensor], _ keys: Int) -> [Tensor] {
        gradients(at: x) { x in
          let first = gradients(at: x) { attention($0, 2, keys) }
          return first[0].squared().sum() + first[1].squared().sum() + first[2].squared().sum()
        }
      }
      expectEqual(second(long, 3), second(short, 2), "form \(number), second order")
    }
  }

  /// ‖(a, a)‖ = a·√2 and ∂‖x‖/∂xᵢ = 1/√2, whatever a is.
  @Test("Norms of windows hold what the type holds", arguments: [1e20, 1e-30, 1, 3e37])
  func powerPooling(_ size: Double) {
    for (dtype, size) in [(DType.float32, size), (.float64, size), (.float64, size * size)] {
      let x = Tensor([size, size, 0, 0], shape: [1, 1, 4], dtype: dtype)
      for p in [1, 2, 3, 1.5] {
        let (y, gradient) = valueAndGradient(at: x) { x -> Tensor in
          x.powerPooled([2], p: p).sum()
        }
        let root = Double.pow(2, 1 / p)
        #expect(abs(Double(y) / (size * root) - 1) < 1e-6, "\(dtype), \(p): \(y)")
        let slope = root / 2
        let want = Tensor([slope, slope, 0, 0], shape: [1, 1, 4], dtype: dtype)
        #expect(
          p == 1 || gradient.isClose(to: want, relative: 1e-6, absolute: 0),
          "\(dtype), \(p): \(gradient)")
      }
    }
    let windows = Tensor([1, -2, 3, 4], shape: [1, 1, 4], dtype: .float32)
    #expect([Float](windows.powerPooled([2], p: .infinity)) == [2, 4])
  }

  @Test("Vectors are divided by norms that the type does not hold", arguments: [3e38, 1e20, 1e-30])
  func divisionByNorms(_ size: Float) {
    let x = Tensor([size, size])
    for p in [1, 2, 3, 1.5] {
      let share = Float(Double.pow(2, -1 / p))
      #expect(x.dividedByNorm(p).isClose(to: Tensor([share, share]), relative: 1e-6), "\(p)")
    }
    let root = Double(size) * Double.pow(2, 1.0 / 3)
    #expect(size > 1e38 || abs(Double(x.norm(3)) / root - 1) < 1e-6)
    #expect(Tensor.zeros([2]).dividedByNorm() == .zeros([2]))
    // What is along the vector has no slope; the others' are beyond float32.
    let small = Float(3e-21) * 1e-21
    let slopes = gradient(at: Tensor([small, small])) { $0.dividedByNorm()[0] }
    #expect([Float](slopes) == [.infinity, -.infinity])
  }
}
