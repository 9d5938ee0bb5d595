import Testing

@testable import Adjoint

/// Values that the sets of other systems do not have, worked out by hand or as NumPy and PyTorch define them.
@Suite("Values of methods that are made of operations")
struct MethodValueTests {
  @Test func cumulativeExtremaKeepTheFirstOfEquals() {
    let x = Tensor([2, 1, 3, 3, 0])
    #expect(x.cumulativeMax(along: 0) == Tensor([2, 2, 3, 3, 3]))
    #expect(x.cumulativeMin(along: 0) == Tensor([2, 1, 1, 1, 0]))
    let slopes = gradient(at: x) { $0.cumulativeMax(along: 0).sum() }
    #expect(slopes == Tensor([2, 0, 3, 0, 0]))
  }

  @Test func scansOfPowersOfTwoAreExact() {
    let x = Tensor([2, 0.5, 4, -1, 8])
    #expect(x.cumulativeProduct(along: 0) == Tensor([2, 1, 4, -4, -32]))
    #expect(x.cumulativeProduct(along: 0, exclusive: true) == Tensor([1, 2, 1, 4, -4]))
    #expect(x.cumulativeProduct(along: 0, reversed: true) == Tensor([-32, -16, -32, -8, 8]))
    // log(1 + 1) = log 2, log(1 + 1 + 2) = 2·log 2, and so on.
    let l = 0.6931471805599453
    let logs = Tensor([0, 0, l, 2 * l] as [Double]).cumulativeLogSumExp(along: 0)
    #expect(
      logs.isClose(to: Tensor([0, l, 2 * l, 3 * l] as [Double]), relative: 1e-15, absolute: 0))
  }

  @Test func productsOfIntegersAreIntegers() {
    #expect(Tensor([2, 3, -4] as [Int32]).product() == Tensor(-24 as Int32))
    #expect(Tensor.zeros([0, 2]).product(over: 0) == Tensor([1, 1]))
  }

  @Test func outputPaddingOfTransposedConvolutionsMayReachTheDilation() {
    let (x, filter) = (Tensor([1, 2, 3], shape: [1, 1, 3]), Tensor([1, 10], shape: [1, 1, 2]))
    func result(stride: Int, padding: Int) -> [Float] {
      [Float](
        x.convolvedTransposed(
          with: filter, strides: [stride], padding: [padding], outputPadding: [2], dilations: [3]))
    }
    // As PyTorch has them: what padding cuts off comes back first, then zeros.
    #expect(result(stride: 1, padding: 0) == [1, 2, 3, 10, 20, 30, 0, 0])
    #expect(result(stride: 1, padding: 1) == [2, 3, 10, 20, 30, 0])
    #expect(result(stride: 2, padding: 1) == [0, 2, 10, 3, 20, 0, 30, 0])
  }

  @Test func ordersOfElements() {
    let x = Tensor([0, 1, 2, 3])
    #expect(x.rolled(by: 1, along: 0) == Tensor([3, 0, 1, 2]))
    #expect(x.flipped(along: 0) == Tensor([3, 2, 1, 0]))
    #expect(x.repeated(2, along: 0) == Tensor([0, 0, 1, 1, 2, 2, 3, 3]))
    #expect(x.tiled([2]) == Tensor([0, 1, 2, 3, 0, 1, 2, 3]))
    #expect(x.slice(0..<4, along: 0, step: -3) == Tensor([3, 0]))
    #expect(Tensor.range(0..<7).split(count: 3).map(\.count) == [3, 3, 1])
    #expect(Tensor.range(0..<4).split(count: 3).map(\.count) == [2, 2, 0])
  }

  @Test func paddingRepeatsWhatNumPyRepeats() {
    let x = Tensor([1, 2, 3])
    func padded(_ mode: PaddingMode) -> Tensor { x.padded(before: [4], after: [3], mode: mode) }
    #expect(padded(.reflection) == Tensor([1, 2, 3, 2, 1, 2, 3, 2, 1, 2]))
    #expect(padded(.symmetric) == Tensor([3, 3, 2, 1, 1, 2, 3, 3, 2, 1]))
    #expect(padded(.edge) == Tensor([1, 1, 1, 1, 1, 2, 3, 3, 3, 3]))
    #expect(padded(.wrap) == Tensor([3, 1, 2, 3, 1, 2, 3, 1, 2, 3]))
    #expect(padded(.value(7)) == Tensor([7, 7, 7, 7, 1, 2, 3, 7, 7, 7]))
  }

  @Test func sortingPutsNaNLast() {
    let x = Tensor([2, .nan, 1, 2])
    #expect(x.argSort() == Tensor([2, 0, 3, 1] as [Int32]))
    #expect(x.argSort(descending: true) == Tensor([1, 0, 3, 2] as [Int32]))
    let top = Tensor([1, 3, 3, 2]).topK(2)
    #expect(top.values == Tensor([3, 3]))
    #expect(top.places == Tensor([1, 2] as [Int32]))
  }

  @Test func extremaSayWhichOfEqualsCounts() {
    let x = Tensor([[1, 0, 1], [0, 2, 0]])
    #expect(x.argMax(over: 1, tie: .last) == Tensor([2, 1] as [Int32]))
    #expect(x.argMin(over: 1) == Tensor([1, 0] as [Int32]))
    #expect(x.argMin(over: 1, tie: .last) == Tensor([1, 2] as [Int32]))
  }

  @Test func theLastUpdateOfAPlaceStays() {
    let (x, places) = (Tensor([1, 2, 3]), Tensor([0, -1, 0] as [Int32]))
    func scattered(_ combining: Scattering) -> Tensor {
      x.scatteringElements(
        of: Tensor([4, 5, 6]), at: places, along: 0, combining: combining)
    }
    #expect(scattered(.set) == Tensor([6, 2, 5]))
    #expect(scattered(.add) == Tensor([11, 2, 8]))
    #expect(scattered(.multiply) == Tensor([24, 2, 15]))
    #expect(scattered(.maximum) == Tensor([6, 2, 5]))
    #expect(scattered(.minimum) == Tensor([1, 2, 3]))
    let slopes = gradient(at: Tensor([4, 5, 6])) {
      x.scatteringElements(of: $0, at: places, along: 0).sum()
    }
    #expect(slopes == Tensor([0, 1, 1]))
  }

  @Test("Nothing scattered changes nothing", arguments: Scattering.allCases)
  func nothingScattered(_ combining: Scattering) {
    let (x, none, nowhere) = (Tensor([1, 2]), Tensor.zeros([0]), Tensor.zeros([0], dtype: .int32))
    #expect(x.scattering(none, at: nowhere, along: 0, combining: combining) == x)
    #expect(x.scatteringElements(of: none, at: nowhere, along: 0, combining: combining) == x)
    let noTuples = Tensor.zeros([0, 1], dtype: .int32)
    #expect(x.scatteringTuples(none, at: noTuples, combining: combining) == x)
  }

  @Test func manyUpdatesOfOnePlaceAreFew() {
    // 60 000 of them took minutes, one after the other.
    let count = 60_000
    let updates = Tensor.range(0..<count, dtype: .float32)
    let places = Tensor.zeros([count], dtype: .int32)
    func scattered(_ updates: Tensor, _ combining: Scattering) -> Tensor {
      Tensor([3, 5]).scattering(updates, at: places, along: 0, combining: combining)
    }
    #expect(scattered(updates, .maximum) == Tensor([Float(count - 1), 5]))
    #expect(scattered(updates, .minimum) == Tensor([0, 5]))
    // 3·2¹⁰⁰⁰·2⁻¹⁰⁰⁰: the products of parts leave float32.
    let powers = Tensor((0..<count).map { $0 < 1000 ? 2.0 : $0 < 2000 ? 0.5 : 1 }, dtype: .float32)
    #expect(scattered(powers, .multiply) == Tensor([3, 5]))
    let slopes = gradient(at: powers) { scattered($0, .multiply).sum() }
    #expect(slopes == 3 / powers)
    // The largest alone has a slope.
    let first = gradient(at: updates) { scattered($0, .maximum).sum() }
    #expect(Float(first.sum()) == 1 && first.element(count - 1) == 1)
  }

  @Test func integersThatFitAreAddedUp() {
    let (x, places) = (Tensor([-5] as [Int32]), Tensor([0, 0] as [Int32]))
    // −5 + 2³¹ − 1 + 3, though the updates alone do not fit.
    #expect(
      x.scattering(Tensor([Int32.max, 3]), at: places, along: 0, combining: .add)
        == Tensor([2_147_483_645] as [Int32]))
    // 0·65536·65536.
    let zero = Tensor([0] as [Int32])
    #expect(
      zero.scattering(
        Tensor([65536, 65536] as [Int32]), at: places, along: 0, combining: .multiply)
        == zero)
  }

  @Test func diagonalsBeyondTheCorners() {
    let x = Tensor.ones([2, 2])
    for far in [Int.max, Int(Int32.max), 2] {
      #expect(x.diagonal(offset: far) == .zeros([0]))
      #expect(x.lowerTriangular(offset: far) == x)
      #expect(x.upperTriangular(offset: far) == .zeros([2, 2]))
    }
    for far in [Int.min, Int(Int32.min), -2] {
      #expect(x.diagonal(offset: far) == .zeros([0]))
      #expect(x.lowerTriangular(offset: far) == .zeros([2, 2]))
      #expect(x.upperTriangular(offset: far) == x)
    }
    #expect(x.upperTriangular(offset: 1) == Tensor([[0, 1], [0, 0]]))
    let all = Tensor.ones([2, 2], dtype: .bool)
    #expect(Tensor.attentionWindow(2, 2, after: .max, offset: 1) == all)
    #expect(
      Tensor.attentionWindow(2, 2, before: .max, after: 0, offset: -1)
        == Tensor([[false, false], [true, false]]))
    // Query i stands at i − 2⁶³, and sees up to i − 1.
    #expect(
      Tensor.attentionWindow(2, 2, before: .max, after: .max, offset: .min)
        == Tensor([[false, false], [true, false]]))
  }

  @Test func slicesAreScatteredAlongAnAxis() {
    let x = Tensor.zeros([2, 3])
    let updates = Tensor([[1, 2], [3, 4]])
    let places = Tensor([2, 0] as [Int32])
    #expect(x.scattering(updates, at: places, along: 1) == Tensor([[2, 0, 1], [4, 0, 3]]))
    let tuples = Tensor([[1, 2], [0, 0]] as [[Int32]])
    #expect(
      x.scatteringTuples(Tensor([5, 6]), at: tuples) == Tensor([[6, 0, 0], [0, 0, 5]]))
  }

  @Test func imagesBetweenPixels() {
    // As PyTorch's interpolate has it.
    let x = Tensor([1, 2, 3, 4], shape: [1, 1, 4])
    #expect(
      x.interpolated(to: [8])
        == Tensor([1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4], shape: [1, 1, 8]))
    #expect(x.interpolated(to: [2]) == Tensor([1.5, 3.5], shape: [1, 1, 2]))
    #expect(
      x.interpolated(to: [7], by: .linearAligningCorners)
        == Tensor([1, 1.5, 2, 2.5, 3, 3.5, 4], shape: [1, 1, 7]))
    #expect(x.interpolated(to: [3], by: .nearest) == Tensor([1, 2, 3], shape: [1, 1, 3]))
  }

  @Test func adaptiveWindowsCoverTheImage() {
    let x = Tensor([1, 2, 3, 4, 5], shape: [1, 1, 5])
    // Windows 0..<2, 1..<4, 3..<5.
    #expect(x.adaptiveAveragePooled(to: [3]) == Tensor([1.5, 3, 4.5], shape: [1, 1, 3]))
    #expect(x.adaptiveMaxPooled(to: [3]) == Tensor([2, 4, 5], shape: [1, 1, 3]))
  }

  @Test func moreWindowsThanElementsAreRepeated() {
    // Of 2 elements and 5 windows: 0..<1, 0..<1, 0..<2, 1..<2, 1..<2.
    let x = Tensor([1, 3], shape: [1, 1, 2])
    #expect(x.adaptiveAveragePooled(to: [5]) == Tensor([1, 1, 2, 3, 3], shape: [1, 1, 5]))
    let weights = Tensor([1, 10, 100, 1000, 10_000], shape: [1, 1, 5])
    let slopes = gradient(at: x) { ($0.adaptiveAveragePooled(to: [5]) * weights).sum() }
    #expect(slopes == Tensor([61, 11_050], shape: [1, 1, 2]))
  }

  @Test func partsThatNothingIsLeftForAreEmpty() {
    #expect(Tensor([1, 2, 3]).split(count: 5).map(\.count) == [1, 1, 1, 0, 0])
    #expect(Tensor([1, 2, 3]).split(count: 2) == [Tensor([1, 2]), Tensor([3])])
  }

  @Test func aNeighbourOfWeightZeroDoesNotCount() {
    let x = Tensor([1, .infinity, 2], shape: [1, 1, 3])
    #expect(
      x.interpolated(to: [5], by: .linearAligningCorners)
        == Tensor([1, .infinity, .infinity, .infinity, 2], shape: [1, 1, 5]))
  }

  @Test("Activations have their limits at ±∞", arguments: [DType.float32, .float64])
  func activationsAtInfinity(_ dtype: DType) {
    let x = Tensor([-.infinity, .infinity] as [Double]).cast(to: dtype)
    func expect(
      _ y: [Double], slopes: [Double], sourceLocation: SourceLocation = #_sourceLocation,
      _ function: (Tensor) -> Tensor
    ) {
      #expect([Double](function(x)) == y, sourceLocation: sourceLocation)
      #expect(
        [Double](gradient(at: x) { function($0).sum() }) == slopes, sourceLocation: sourceLocation)
    }
    expect([0, .infinity], slopes: [0, 1]) { $0.swish(beta: 2) }
    expect([-.infinity, 0], slopes: [1, 0]) { $0.swish(beta: -2) }
    expect([-.infinity, .infinity], slopes: [0.5, 0.5]) { $0.swish(beta: 0) }
    expect([0, .infinity], slopes: [0, 1]) { $0.hardSwish() }
    expect([-0.5, .infinity], slopes: [0, 1]) { $0.celu(alpha: 0.5) }
    #expect(Tensor([Float.nan]).swish(beta: 2).element(0).isNaN)
  }

  @Test func smallUnitsAreHeld() {
    // x/α is more than float32 holds, or α less.
    #expect(Tensor([3e38, -3e38]).celu(alpha: 0.0625) == Tensor([3e38, -0.0625]))
    #expect(
      Tensor([3e38, 0, -1]).celu(alpha: 1e-50).isClose(
        to: Tensor([3e38, 0, 0]), relative: 0, absolute: 2e-38))
    #expect(gradient(at: Tensor([1, 0, -1])) { $0.celu(alpha: 1e-50).sum() } == Tensor([1, 1, 0]))
    // 0.5 to a power that is ∞ in float32 is 0, with slope 0.
    #expect(gradient(at: Tensor([0.5])) { $0.power(1e300).sum() } == Tensor([0]))
    #expect(Tensor([0.5, 1]).power(1e300) == Tensor([0, 1]))
  }

  @Test func remaindersHaveTheSignOfTheDivisor() {
    let (a, b) = (Tensor([5.5, -5.5, 5.5, -5.5]), Tensor([2, 2, -2, -2]))
    #expect(a.remainder(dividingBy: b) == Tensor([1.5, 0.5, -0.5, -1.5]))
    let (i, j) = (Tensor([7, -7, 7, -7] as [Int32]), Tensor([2, 2, -2, -2] as [Int32]))
    #expect(i.remainder(dividingBy: j) == Tensor([1, 1, -1, -1] as [Int32]))
    #expect(i.quotient(dividingBy: j) == Tensor([3, -3, -3, 3] as [Int32]))
  }

  @Test func largeSidesDoNotOverflow() {
    #expect(Tensor.hypot(Tensor(3e38), Tensor(0)) == Tensor(3e38))
    #expect(Tensor.logAddExp(Tensor(-.infinity), Tensor(-.infinity)) == Tensor(-.infinity))
    #expect(Tensor.logAddExp(Tensor(1000), Tensor(-1000)) == Tensor(1000))
    let slope = gradient(at: Tensor(1e30)) { Tensor.atan2($0, Tensor(1e30)) }
    #expect(slope == Tensor(0.5e-30))
  }

  @Test func masksOfWindows() {
    let window = Tensor.attentionWindow(2, 4, before: 1, after: 0, offset: 2)
    #expect(window == Tensor([[false, true, true, false], [false, false, true, true]]))
    #expect(Tensor.lowerTriangle(2, 3) == Tensor([[true, false, false], [true, true, false]]))
  }

  @Test func samplesThatAreIgnoredDoNotCount() {
    let x = Tensor.zeros([3, 4])
    // −log ¼ for each sample that counts; with weights its mean is the same.
    let loss = x.crossEntropy(
      Tensor([0, 1, 3] as [Int32]), weights: Tensor([1, 2, 3, 4]), ignoring: 3)
    #expect(loss.isClose(to: Tensor(1.3862944), relative: 1e-6, absolute: 0))
    let sum = x.crossEntropy(
      Tensor([0, -100, -100] as [Int32]), ignoring: -100, reduction: .sum)
    #expect(sum.isClose(to: Tensor(1.3862944), relative: 1e-6, absolute: 0))
  }

  @Test func roundingIsToEven() {
    let x = Tensor([-2.5, -0.4, 0.5, 1.5, 8_388_609, .infinity])
    #expect(x.rounded() == Tensor([-2, 0, 0, 2, 8_388_609, .infinity]))
    #expect(x.floor() == Tensor([-3, -1, 0, 1, 8_388_609, .infinity]))
    #expect(x.ceil() == Tensor([-2, 0, 1, 2, 8_388_609, .infinity]))
    #expect(x.truncated() == Tensor([-2, 0, 0, 1, 8_388_609, .infinity]))
  }

  /// As NumPy has them: no product is formed but those of the first elements.
  @Test func productsSoFarAreInTheOrderOfTheElements() {
    for (x, want) in [
      ([0, 1e30, 1e30], [0, 0, 0]), ([1e-30, 1e30, 1e30], [1e-30, 1, 1e30]),
      ([2, .infinity, 0, 1], [2, .infinity, .nan, .nan]),
    ] as [([Float], [Float])] {
      let got = [Float](Tensor(x).cumulativeProduct(along: 0))
      let isNear = zip(got, want).allSatisfy { got, want in
        want.isFinite ? abs(got - want) <= 1e-6 * abs(want) : got == want || got.isNaN && want.isNaN
      }
      #expect(isNear, "\(x): \(got)")
    }
    let integers = Tensor([0, 65536, 65536] as [Int32])
    #expect(integers.cumulativeProduct(along: 0) == Tensor([0, 0, 0] as [Int32]))
    let before = Tensor([65536, 32767, 65536] as [Int32])
      .cumulativeProduct(along: 0, exclusive: true)
    #expect(before == Tensor([1, 65536, 2_147_418_112] as [Int32]))
    #expect(Tensor([65536, 0, 65536, 5] as [Int32]).product() == Tensor(0 as Int32))
    #expect(Tensor([-32768, 65536] as [Int32]).product() == Tensor(Int32.min))
    #expect(Tensor([32768, 65536, -1] as [Int32]).product() == Tensor(Int32.min))
  }

  /// x̄ᵢ is the product of the others.
  @Test func productsDoNotOverflowOnTheWay() {
    for (x, product, slopes) in [
      ([1e200, 1e-200, 1e200, 1e-200], 1, [1e-200, 1e200, 1e-200, 1e200]),
      ([1e200, 1e200, 1e-200, 1e-200], 1, [1e-200, 1e-200, 1e200, 1e200]),
      ([1e200, 1, 1e200, 0], 0, [0, 0, 0, .infinity]),
      ([1e200, 1e-100, 1e200, 0], 0, [0, 0, 0, 1e300]),
    ] as [([Double], Double, [Double])] {
      let (value, gradient) = valueAndGradient(at: Tensor(x)) { $0.product() }
      #expect(Tensor(product).isClose(to: value, relative: 1e-14, absolute: 0), "\(x): \(value)")
      let isRight = zip([Double](gradient), slopes).allSatisfy { got, want in
        got == want || abs(got / want - 1) < 1e-14
      }
      #expect(isRight, "\(x): \(gradient)")
    }
    let x = Tensor([1e30, 1e-30, 1e30, 1e-30])
    let (value, gradient) = valueAndGradient(at: x) { $0.product() }
    #expect(value.isClose(to: Tensor(1 as Float), relative: 1e-6))
    #expect(gradient.isClose(to: 1 / x, relative: 1e-6, absolute: 0))
    #expect(Tensor([1e30, 1, 1e30, 0]).product() == Tensor(0 as Float))
  }

  /// Of y = (x₀, x₀x₁, x₀x₁x₂) with the cotangents 1, 2, 3: x̄₀ = 1 + 2x₁ + 3x₁x₂, x̄₁ = 2x₀ + 3x₀x₂, x̄₂ = 3x₀x₁.
  @Test func gradientsOfProductsSoFar() {
    func gradient(_ x: [Float], _ g: [Float]) -> [Float] {
      [Float](
        vectorJacobianProduct(at: Tensor(x), cotangent: Tensor(g)) {
          $0.cumulativeProduct(along: 0)
        }.product)
    }
    #expect(gradient([0, 2, 5], [1, 2, 3]) == [35, 0, 0])
    #expect(gradient([2, 0, 5], [1, 2, 3]) == [1, 34, 0])
    #expect(gradient([0, 0, 0], [1, 2, 3]) == [1, 0, 0])
    // What has no cotangent has no influence, not even an infinite element.
    #expect(gradient([0, 2, .infinity], [1, 2, 0]) == [5, 0, 0])
    #expect(gradient([0x1p-100, 0x1p100, 0x1p100], [0, 0, 1]) == [.infinity, 1, 1])
  }
}
