import Adjoint
import AdjointNN
import Testing

@Suite("Attention, places and caches")
struct AttentionTests {
  /// Some hundreds of roundings of numbers around 1.
  private func expectEqual(_ a: Tensor, _ b: Tensor) {
    #expect(a.isClose(to: b, relative: 1e-13, absolute: 1e-13))
  }

  @Test("One position after another gives what the whole gives", arguments: [true, false])
  func caches(_ isRotary: Bool) {
    var generator = Philox(seed: 2)
    var encoder = TransformerEncoder(
      8, heads: 4, layers: 2,
      TransformerOptions(
        isCausal: true, sharedHeads: 2, rotary: isRotary ? RotaryEncoding() : nil, dtype: .float64),
      using: &generator)
    let x = batch([2, 6, 8])
    let whole = encoder(x, .inference)
    // Three positions, two, and one.
    var caches: [KeyValueCache] = []
    let parts = [0..<3, 3..<5, 5..<6].map { range in
      encoder(x.slice(range, along: 1), caches: &caches, .inference)
    }
    expectEqual(.concatenated(parts, along: 1), whole)
    #expect(caches.map(\.count) == [6, 6] && caches[0].keys?.shape == [2, 2, 6, 2])
  }

  @Test func sharedHeadsAreHeadsRepeated() {
    var generator = Philox(seed: 3)
    var shared = MultiHeadAttention(
      4, heads: 4, sharedHeads: 2, dtype: .float64, using: &generator)
    var whole = MultiHeadAttention(4, heads: 4, dtype: .float64, using: &generator)
    // Each of the two heads of keys, a row here, serves two heads of queries.
    let parts = shared.inputWeight!.split(into: [4, 2, 2], along: 0)
    whole.inputWeight = .concatenated(
      [parts[0], parts[1].repeated(2, along: 0), parts[2].repeated(2, along: 0)], along: 0)
    whole.outputWeight = shared.outputWeight
    let x = batch([2, 3, 4])
    expectEqual(shared(x, .inference), whole(x, .inference))
  }

  @Test func paddingIsNotLookedAt() {
    var generator = Philox(seed: 4)
    var attention = MultiHeadAttention(4, heads: 2, dtype: .float64, using: &generator)
    let lengths = Tensor([2, 3] as [Int32])
    let mask = Tensor.isWithin(lengths: lengths, count: 3).expanded(at: [1, 2])
    #expect(
      Tensor.isWithin(lengths: lengths, count: 3)
        == Tensor([true, true, false, true, true, true], shape: [2, 3]))
    let x = batch([2, 3, 4])
    let y = attention(x, key: x, value: x, mask: mask, .inference)
    let short = x.slice(0..<1, along: 0).slice(0..<2, along: 1)
    expectEqual(
      y.slice(0..<1, along: 0).slice(0..<2, along: 1), attention(short, .inference))
  }

  /// PE(p, 2i) = sin(p/10000^(2i/E)) and PE(p, 2i + 1) = cos of it, for E = 4 by hand.
  @Test func sinesAndCosines() {
    let y = SinusoidalEncoding()(.zeros([1, 2, 4], dtype: .float64), from: 3)
    // sin 3, cos 3, sin 0.03, cos 0.03; and of 4 and 0.04.
    let expected: [Double] = [
      0.1411200080598672, -0.9899924966004454, 0.02999550020249566, 0.9995500337489875,
      -0.7568024953079282, -0.6536436208636119, 0.03998933418663416, 0.9992001066609779,
    ]
    expectEqual(y, Tensor(expected, shape: [1, 2, 4]))
  }

  @Test("Products of turned vectors depend on their distance", arguments: [true, false])
  func turning(_ isInterleaved: Bool) {
    let rotary = RotaryEncoding(interleaved: isInterleaved)
    let (q, k) = (batch([1, 1, 6]), batch([1, 1, 6], seed: 2))
    func product(_ a: Int, _ b: Int) -> Tensor { (rotary(q, from: a) * rotary(k, from: b)).sum() }
    expectEqual(product(2, 5), product(7, 10))
    expectEqual(product(0, 0), (q * k).sum())
    #expect(Double((product(2, 5) - product(2, 6)).magnitude()) > 1e-3)
    // Of two features at place 1 and base 10000 the angle is 1 whatever the pairs are.
    let y = rotary(Tensor([1, 0] as [Double], shape: [1, 2]), from: 1)
    expectEqual(y, Tensor([0.5403023058681398, 0.8414709848078965] as [Double], shape: [1, 2]))
  }

  @Test func theFirstOfLearnedPlacesMayLieLater() {
    var generator = Philox(seed: 5)
    let places = LearnedPositions(5, 2, using: &generator)
    #expect(places(.zeros([1, 2, 2]), from: 3)[0] == places.weight[3..<5])
  }
}
