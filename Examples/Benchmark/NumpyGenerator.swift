#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// NumPy's default generator, bit for bit: the other frameworks draw their starting values from it.
///
/// Sources: O'Neill, "PCG: a family of simple fast space-efficient statistically good algorithms for
/// random number generation" (2014), variant XSL-RR 128/64; NumPy's `SeedSequence`, and its ziggurat
/// for normal numbers: Marsaglia & Tsang, "The ziggurat method for generating random variables"
/// (2000), in Doornik's form.
struct NumpyGenerator {
  private var state: UInt128
  private let increment: UInt128
  private var highHalf: UInt32?

  init(seed: UInt32) {
    let words = NumpyGenerator.entropy(seed)
    func pair(_ index: Int) -> UInt128 {
      UInt128(words[index]) << 64 | UInt128(words[index + 1])
    }
    increment = pair(2) << 1 | 1
    state = 0
    step()
    state &+= pair(0)
    step()
  }

  /// The 256 bits that a seed is spread over.
  private static func entropy(_ seed: UInt32) -> [UInt64] {
    var constant: UInt32 = 0x43b0_d7e5
    func hashed(_ value: UInt32, by multiplier: UInt32) -> UInt32 {
      var value = value ^ constant
      constant &*= multiplier
      value &*= constant
      return value ^ value >> 16
    }
    var pool = [seed, 0, 0, 0].map { hashed($0, by: 0x931e_8875) }
    for source in 0..<4 {
      for target in 0..<4 where target != source {
        let other = hashed(pool[source], by: 0x931e_8875)
        let mixed = pool[target] &* 0xca01_f9dd &- other &* 0x4973_f715
        pool[target] = mixed ^ mixed >> 16
      }
    }
    constant = 0x8b51_f9dd
    let words = (0..<8).map { hashed(pool[$0 % 4], by: 0x58f3_8ded) }
    return (0..<4).map { UInt64(words[2 * $0]) | UInt64(words[2 * $0 + 1]) << 32 }
  }

  private mutating func step() {
    state = state &* 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645 &+ increment
  }

  private mutating func bits64() -> UInt64 {
    step()
    let mixed = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
    let rotation = UInt64(truncatingIfNeeded: state >> 122)
    return mixed >> rotation | mixed << (64 &- rotation & 63)
  }

  private mutating func bits32() -> UInt32 {
    if let half = highHalf {
      highHalf = nil
      return half
    }
    let bits = bits64()
    highHalf = UInt32(bits >> 32)
    return UInt32(truncatingIfNeeded: bits)
  }

  /// A number from 0 to below 1.
  private mutating func unit() -> Double { Double(bits64() >> 11) * 0x1p-53 }

  /// Numbers from `low` to below `high`.
  mutating func uniform(_ count: Int, from low: Double, to high: Double) -> [Double] {
    (0..<count).map { _ in low + (high - low) * unit() }
  }

  /// Whole numbers from 0 to below `bound`.
  mutating func integers(_ count: Int, below bound: UInt32) -> [Int32] {
    (0..<count).map { _ in
      while true {
        let product = UInt64(bits32()) * UInt64(bound)
        if UInt32(truncatingIfNeeded: product) >= (0 &- bound) % bound {
          return Int32(product >> 32)
        }
      }
    }
  }

  /// Normal numbers in double.
  mutating func normal(_ count: Int) -> [Double] { (0..<count).map { _ in normal() } }

  private mutating func normal() -> Double {
    let ziggurat = Ziggurat.shared
    while true {
      let bits = bits64()
      let layer = Int(bits & 0xff)
      let fraction = bits >> 9 & 0x000f_ffff_ffff_ffff
      let size = Double(fraction) * ziggurat.widths[layer]
      let x = bits >> 8 & 1 == 1 ? -size : size
      if fraction < ziggurat.inside[layer] { return x }
      if layer == 0 {
        while true {
          let tail = -log1p(-unit()) / Ziggurat.start
          let height = -log1p(-unit())
          if height + height > tail * tail {
            return fraction >> 8 & 1 == 1 ? -(Ziggurat.start + tail) : Ziggurat.start + tail
          }
        }
      }
      let (upper, lower) = (ziggurat.heights[layer - 1], ziggurat.heights[layer])
      if (upper - lower) * unit() + lower < exp(-0.5 * x * x) { return x }
    }
  }
}

/// 256 layers of one area under e^(−x²/2).
private struct Ziggurat {
  static let shared = Ziggurat()
  /// Where the tail starts.
  static let start = 3.6541528853610088

  /// The width of each layer, for a fraction of 52 bits.
  private(set) var widths = Array(repeating: 0.0, count: 256)
  /// Which fractions are under the curve for sure.
  private(set) var inside = Array(repeating: UInt64(0), count: 256)
  /// The height of the curve at each width.
  private(set) var heights = Array(repeating: 1.0, count: 256)

  private init() {
    var edges = Array(repeating: 0.0, count: 256)
    edges[255] = Ziggurat.start
    func height(_ x: Double) -> Double { exp(-0.5 * x * x) }
    // The area again, to all digits: what lies under the first layer and in the tail.
    let tail = (Double.pi / 2).squareRoot() * erfc(Ziggurat.start / 2.0.squareRoot())
    let area = Ziggurat.start * height(Ziggurat.start) + tail
    for layer in stride(from: 254, to: 0, by: -1) {
      edges[layer] = (-2 * log(area / edges[layer + 1] + height(edges[layer + 1]))).squareRoot()
    }
    for layer in 1..<256 {
      widths[layer] = edges[layer] * 0x1p-52
      inside[layer] = UInt64(edges[layer - 1] / edges[layer] * 0x1p52)
      heights[layer] = height(edges[layer])
    }
    let base = area / height(Ziggurat.start)
    widths[0] = base * 0x1p-52
    inside[0] = UInt64(Ziggurat.start / base * 0x1p52)
  }
}
