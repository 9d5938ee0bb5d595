import Testing

@testable import Adjoint

/// As NumPy has them, but for what does not fit: that stops, as sums do (`MisuseTests`).
@Suite("Functions of integers and masks")
struct IntegerTests {
  private let x = Tensor([-3, 0, 46340, .min + 1] as [Int32])

  @Test func functionsOfIntegersAreIntegers() {
    #expect(-x == Tensor([3, 0, -46340, .max] as [Int32]))
    #expect(x.magnitude() == Tensor([3, 0, 46340, .max] as [Int32]))
    #expect(x.sign() == Tensor([-1, 0, 1, -1] as [Int32]))
    #expect(x[0..<3].squared() == Tensor([9, 0, 2_147_395_600] as [Int32]))
    for rounded in [x.rounded(), x.floor(), x.ceil(), x.truncated()] { #expect(rounded == x) }
    // Recorded as well.
    let recorded = gradient(at: Tensor([2])) { ($0 * (-x[0..<1]).cast(to: .float32)).sum() }
    #expect(recorded == Tensor([3]))
  }

  @Test func allIntegersAreFinite() {
    let (yes, no) = (Tensor.ones([4], dtype: .bool), Tensor.zeros([4], dtype: .bool))
    #expect(x.isFinite == yes && x.isNaN == no && x.isInfinite == no)
    #expect((x .== x).isFinite == yes && (x .== x).isNaN == no)
  }

  @Test func integersAreComparedAsNumbers() {
    #expect(Bool((x .< .infinity).all()) && !Bool((x .<= -.infinity).any()))
    #expect(!Bool((x .== .nan).any()) && Bool((x .!= .nan).all()))
    #expect((x .> -3.5) == Tensor([true, true, true, false]))
    #expect((x .== 0.5) == .zeros([4], dtype: .bool))
    // 2³¹ is no int32, and more than each of them.
    #expect(Bool((x .< 2_147_483_648).all()))
    #expect((Tensor([true, false]) .== 1) == Tensor([true, false]))
    #expect((Tensor([true, false]) .> 0.5) == Tensor([true, false]))
    #expect((Tensor([true, false]) .== 0.5) == Tensor([false, false]))
  }

  @Test func masksAreEqualOrNot() {
    let (a, b) = (Tensor([true, true, false, false]), Tensor([true, false, true, false]))
    #expect((a .== b) == Tensor([true, false, false, true]))
    #expect((a .!= b) == Tensor([false, true, true, false]))
    #expect((a .== Tensor(true)) == a)
  }

  @Test func quotientsAreRoundedTowardsZero() {
    let divisors = Tensor([2, 3, -7, -1] as [Int32])
    #expect(x.quotient(dividingBy: divisors) == Tensor([-1, 0, -6620, .max] as [Int32]))
  }
}
