/// Random numbers from a counter: Philox4x32-10.
///
/// A number is a function of the seed and of its place, with no state to advance: the same on every
/// platform, for any number of threads, and in whatever order it is asked for. Each tensor drawn
/// takes one ``draw`` of 2⁶⁴ blocks.
///
/// Source: Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011), §3.3.
public struct Philox: Sendable, Hashable {
  /// What tells one sequence of draws from another.
  public let seed: UInt64
  /// The number of the next draw.
  public private(set) var draw: UInt64

  /// Starts the sequence of draws of a seed.
  public init(seed: UInt64) {
    self.init(seed: seed, draw: 0)
  }

  package init(seed: UInt64, draw: UInt64) {
    self.seed = seed
    self.draw = draw
  }

  /// Takes the next draw: a generator whose blocks no other draw of this seed has.
  public mutating func nextDraw() -> Philox {
    defer { draw &+= 1 }
    return Philox(seed: seed, draw: draw)
  }

  /// The four 32-bit words at a place of this draw.
  public func block(_ place: UInt64) -> SIMD4<UInt32> {
    var counter = SIMD4(
      UInt32(truncatingIfNeeded: place), UInt32(truncatingIfNeeded: place >> 32),
      UInt32(truncatingIfNeeded: draw), UInt32(truncatingIfNeeded: draw >> 32))
    var key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    for _ in 0..<10 {
      let left = counter.x.multipliedFullWidth(by: 0xD251_1F53)
      let right = counter.z.multipliedFullWidth(by: 0xCD9E_8D57)
      counter = SIMD4(
        right.high ^ counter.y ^ key.x, right.low, left.high ^ counter.w ^ key.y, left.low)
      key &+= SIMD2(0x9E37_79B9, 0xBB67_AE85)
    }
    return counter
  }

  /// The 64-bit word at a place of this draw; a block holds two.
  func word(_ place: Int) -> UInt64 {
    require(place >= 0, "Philox: the place \(place) is negative; places are 0 or more")
    let block = block(UInt64(place / 2))
    return place.isMultiple(of: 2)
      ? UInt64(block.y) << 32 | UInt64(block.x) : UInt64(block.w) << 32 | UInt64(block.z)
  }

  /// The number at a place of this draw, uniform in 0 ..< 1, a multiple of 2⁻⁵³.
  public func uniform(_ place: Int) -> Double {
    Double(word(place) >> 11) * 0x1p-53
  }

  /// The number at a place of this draw, from the normal distribution with mean 0 and deviation 1.
  public func normal(_ place: Int) -> Double {
    // The middle of one of 2⁵³ equal parts of 0...1, so that neither end occurs.
    normalQuantile((Double(word(place) >> 11) + 0.5) * 0x1p-53)
  }
}

extension Philox: RandomNumberGenerator {
  /// The next 64 random bits, each from a draw of its own.
  public mutating func next() -> UInt64 {
    nextDraw().word(0)
  }
}
