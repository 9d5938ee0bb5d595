import Testing

@testable import Adjoint

@Suite("Changes that are pushed through linear operations")
struct ChangesTests {
  private func change(
    from a: [Tensor], to b: [Tensor], _ function: ([Tensor]) -> Tensor
  ) -> Tensor? {
    let (from, to) = (Tape(), Tape())
    let (first, second) = (function(a.map { from.watch($0) }), function(b.map { to.watch($0) }))
    var changes = Changes(from: from, to: to)
    return changes.change(from: first, to: second)
  }

  @Test func whatDidNotMoveAddsNoRounding() throws {
    let (large, small) = (Tensor([1e20] as [Double]), Tensor([1] as [Double]))
    let moved = Tensor([1 + 0x1p-40] as [Double])
    let sum = try #require(change(from: [large, small], to: [large, moved]) { $0[0] * 3 + $0[1] })
    // In the sums themselves the change is lost: 3e20 + 1 is 3e20.
    #expect([Double](sum) == [0x1p-40])
    #expect(change(from: [large, small], to: [large, small]) { $0[0] + $0[1] } == nil)
  }

  @Test func productsChangeByBothFactors() throws {
    let a = [Tensor([[1, 2], [3, 4]] as [[Double]]), Tensor([[5, 6], [7, 8]] as [[Double]])]
    let b = [
      Tensor([[1.5, 2], [3, 4.25]] as [[Double]]), Tensor([[5, 6.5], [7, 9]] as [[Double]]),
    ]
    // All of these numbers are sums of few powers of two: the differences are exact.
    let product = try #require(change(from: a, to: b) { $0[0].matMul($0[1]) })
    #expect([Double](product) == [Double](b[0].matMul(b[1]) - a[0].matMul(a[1])))
    let mean = try #require(change(from: a, to: b) { ($0[0] * $0[1]).mean() })
    #expect([Double](mean) == [Double]((b[0] * b[1]).mean() - (a[0] * a[1]).mean()))
  }

  /// Of two shares, one grows as much as the other shrinks, though beside 1 nothing of it is left.
  @Test func aShareThatIsNearlyOneChangesByAllDigits() throws {
    let (a, b) = (Tensor([0, -50] as [Double]), Tensor([0, -49.5] as [Double]))
    // e⁻⁴⁹·⁵ − e⁻⁵⁰, less e⁻⁹⁹ and the like.
    let expected = Double.exp(-50) * Double.expm1(0.5)
    let shares: [([Tensor]) -> Tensor] = [
      { $0[0].softmax() },
      { $0[0].exp() / $0[0].exp().sum() },
      { $0[0].logSoftmax().exp() },
      {
        let one = Tensor([[1]] as [[Double]])
        return Tensor.attention(
          query: one, key: $0[0].reshaped(to: [2, 1]),
          value: Tensor([[1, 0], [0, 1]] as [[Double]]),
          scale: 1
        ).reshaped(to: [2])
      },
    ]
    for share in shares {
      let change = [Double](try #require(self.change(from: [a], to: [b], share)))
      #expect(abs(change[0] + expected) <= 16 * .ulpOfOne * expected)
      #expect(abs(change[1] - expected) <= 16 * .ulpOfOne * expected)
    }
    let sum = try #require(change(from: [a], to: [b]) { $0[0].logSumExp() })
    #expect(abs(Double(sum) - expected) <= 16 * .ulpOfOne * expected)
  }

  /// Beside the cut an angle changes by less than the rounding of π; across it, by a turn.
  @Test func anAngleBesideItsCutChangesByAllDigits() throws {
    let x = Tensor([-1] as [Double])
    func change(from a: Double, to b: Double) throws -> Double {
      Double(
        try #require(
          self.change(from: [Tensor([a]), x], to: [Tensor([b]), x]) { .atan2($0[0], $0[1]) }))
    }
    // π − arctan 2·10⁻⁹, less π − arctan 10⁻⁹: the cubes are below 10⁻²⁶.
    #expect(abs(try change(from: 1e-9, to: 2e-9) + 1e-9) <= 4 * .ulpOfOne * 1e-9)
    let turn = try change(from: 1e-9, to: -1e-9)
    #expect(abs(turn + 2 * .pi) <= 1e-8)
  }

  /// Where results are far from each other, a formula for the change says the same as their difference.
  @Test func whatSaysHowItChangesDoes() throws {
    var count = 0
    for type in Operations.all {
      for sample in type.samples {
        guard let operation = sample.operation as? any ExactlyChangingOperation,
          operation.changesExactly
        else { continue }
        for distance in [1e-3, 0.1, 3] {
          let after = sample.inputs.map { $0 + $0.sin() * distance }
          let function = { (inputs: [Tensor]) in sample.operation.outputs(of: inputs)[0] }
          guard let change = change(from: sample.inputs, to: after, function) else { continue }
          let (first, second) = (function(sample.inputs), function(after))
          // Rounding of both, and of what they are made of, an offset of 1e4 among it.
          let largest =
            (sample.inputs + after + [first, second]).flatMap { [Double]($0) }
            .lazy.map(Swift.abs).filter(\.isFinite).max() ?? 0
          let tolerance = 64 * .ulpOfOne * Swift.max(largest, 1)
          let difference = second - first
          let largestResult = [Double](first).lazy.map(Swift.abs).max() ?? 0
          #expect(
            change.isClose(
              to: difference, relative: tolerance, absolute: tolerance * Swift.max(largestResult, 1)
            ),
            "\(operation.name), \(sample.label), \(distance)")
          count += 1
        }
      }
    }
    #expect(count > 30)
  }

  /// f(a + b) = f(a) + f(b) for what says it is linear, in all operands or in each.
  @Test func whatSaysItIsLinearIs() {
    var count = 0
    for type in Operations.all {
      for sample in type.samples {
        guard let linearity = (sample.operation as? any LinearOperation)?.linearity else {
          continue
        }
        let places = sample.inputs.indices.filter { sample.inputs[$0].dtype.isFloatingPoint }
        let sets = linearity == .joint ? [places] : places.map { [$0] }
        for set in sets where !set.isEmpty {
          var (doubled, other, sum) = (sample.inputs, sample.inputs, sample.inputs)
          for place in set {
            other[place] = sample.inputs[place].sin()
            sum[place] = sample.inputs[place] * 2 + other[place]
            doubled[place] = sample.inputs[place] * 2
          }
          let operation = sample.operation
          let together = [Double](operation.outputs(of: sum)[0])
          let apart = [Double](operation.outputs(of: doubled)[0] + operation.outputs(of: other)[0])
          let size = (together + apart).lazy.map(Swift.abs).max() ?? 0
          for (a, b) in zip(together, apart) {
            #expect(Swift.abs(a - b) <= 64 * .ulpOfOne * size, "\(operation.name)")
          }
          count += 1
        }
      }
    }
    #expect(count > 30)
  }
}
