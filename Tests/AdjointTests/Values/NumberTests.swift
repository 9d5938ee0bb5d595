import Testing

@testable import Adjoint

@Suite("Numbers beside tensors")
struct NumberTests {
  private let x = Tensor([1, -2, 4])

  @Test func everyTypeOfNumberOnEitherSide() {
    let (n, f, d) = (2, Float(2), 2.0)
    for (sum, difference, product, quotient) in [
      (x + n, x - n, x * n, x / n), (x + f, x - f, x * f, x / f), (x + d, x - d, x * d, x / d),
    ] {
      #expect([Float](sum) == [3, 0, 6])
      #expect([Float](difference) == [-1, -4, 2])
      #expect([Float](product) == [2, -4, 8])
      #expect([Float](quotient) == [0.5, -1, 2])
    }
    for (sum, difference, product, quotient) in [
      (n + x, n - x, n * x, n / x), (f + x, f - x, f * x, f / x), (d + x, d - x, d * x, d / x),
    ] {
      #expect([Float](sum) == [3, 0, 6])
      #expect([Float](difference) == [1, 4, -2])
      #expect([Float](product) == [2, -4, 8])
      #expect([Float](quotient) == [2, -1, 0.5])
    }
    #expect((x * 2).dtype == .float32)
    #expect((Tensor([1, 2] as [Int32]) * 3) == Tensor([3, 6] as [Int32]))
  }

  @Test func comparisonsWithEveryTypeOfNumber() {
    for (less, lessOrEqual, greater, greaterOrEqual, equal, other) in [
      (x .< 1, x .<= 1, x .> 1, x .>= 1, x .== 1, x .!= 1),
      (x .< 1.0, x .<= 1.0, x .> 1.0, x .>= 1.0, x .== 1.0, x .!= 1.0),
      (
        x .< Float(1), x .<= Float(1), x .> Float(1), x .>= Float(1), x .== Float(1),
        x .!= Float(1)
      ),
    ] {
      #expect([Bool](less) == [false, true, false])
      #expect([Bool](lessOrEqual) == [true, true, false])
      #expect([Bool](greater) == [false, false, true])
      #expect([Bool](greaterOrEqual) == [true, false, true])
      #expect([Bool](equal) == [true, false, false])
      #expect([Bool](other) == [false, true, true])
    }
  }

  /// The formula that took the compiler five seconds to reject, with an `Int` in it.
  @Test func aFormulaWithAnInteger() {
    let n = 3
    let y = -0.5 * (1 + x - x.squared() - x.exp()).sum() / n
    let exact = [1.0, -2, 4].map { 1 + $0 - $0 * $0 - Double.exp($0) }.reduce(0, +) * -0.5 / 3
    // Ten roundings of float32, each of a number no larger than e⁴.
    #expect(abs(Double(y) - exact) <= 10 * Double(Float.ulpOfOne) * 55)
  }

  @Test func aNumberIsOneConstantOfTheTapeOfAnyShape() {
    let tape = Tape()
    let x = tape.watch(self.x)
    let y = (x * 2 + 1).sum()
    #expect(tape.entryCount == 3)
    #expect([Float](tape.gradients(of: y, with: [x])[0]) == [2, 2, 2])
    #expect(tape.graph.check() == nil)
  }
}
