extension Tensor {
  /// Draws numbers that are uniform in a range; the upper end does not occur, not by rounding either.
  ///
  /// The float32 numbers are the float64 numbers of the same draw rounded down to 24 bits.
  public static func uniform(
    _ shape: [Int], in range: Range<Double> = 0..<1, dtype: DType = .float32,
    using generator: inout Philox
  ) -> Tensor {
    require(
      dtype.isFloatingPoint,
      "uniform: \(dtype) holds no fractions; draw float32 or float64 and cast them")
    let (lower, upper) = (range.lowerBound, range.upperBound)
    require(
      Swift.max(-lower, upper) <= dtype.largest && lower < upper && lower.isFinite,
      "uniform: there is no number in \(range) to draw; give finite ends, of which the upper is larger"
    )
    let unit = UniformRandom(shape: shape, dtype: dtype)(generator.nextKey())
    if range == 0..<1 { return unit }
    let width = upper - lower
    let drawn =
      width <= dtype.largest ? unit * width + lower : unit * upper + (1 - unit) * lower
    let last = Swift.max(dtype.rounded(lower), dtype.rounded(below: upper))
    return drawn.clamped(to: dtype.rounded(lower)...last)
  }

  /// Draws numbers from a normal distribution with a mean μ and a standard deviation σ, not a
  /// variance.
  /// - Precondition: the element type is floating-point, and the deviation not negative.
  public static func normal(
    _ shape: [Int], mean: Double = 0, deviation: Double = 1, dtype: DType = .float32,
    using generator: inout Philox
  ) -> Tensor {
    require(
      mean.isFinite && deviation.isFinite && deviation >= 0,
      "normal: the mean is \(mean) and the deviation \(deviation); give finite numbers, and a deviation "
        + "of 0 or more")
    require(
      dtype.isFloatingPoint,
      "normal: \(dtype) holds no fractions; draw float32 or float64 and cast them")
    let distribution = Tensor([mean, deviation] as [Double])
    return NormalRandom(shape: shape, dtype: dtype)(generator.nextKey(), distribution)
  }

  /// Draws one of the orders of 0 ..< count, each equally likely.
  ///
  ///     →   int32[count]
  /// - Precondition: the count is 0 or more, and fits an int32.
  public static func permutation(_ count: Int, using generator: inout Philox) -> Tensor {
    require(
      Int32(exactly: count) != nil && count >= 0,
      "permutation: of \(count) numbers there is no order in int32; give a count from 0 to 2147483647"
    )
    let draw = generator.nextDraw()
    var order = (0..<Int32(count)).map { $0 }
    // Fisher and Yates's shuffle, written out: the library's may change, and the numbers with it.
    for last in stride(from: count - 1, to: 0, by: -1) {
      let chosen = draw.word(last).multipliedFullWidth(by: UInt64(last + 1)).high
      order.swapAt(last, Int(chosen))
    }
    return Tensor(order)
  }
}

extension Philox {
  /// Takes the next draw in the form that random operations have as input.
  ///
  ///     →   int32[4]: the seed's low and high half, the draw's low and high half
  public mutating func nextKey() -> Tensor {
    let draw = nextDraw()
    return draw.key
  }

  /// The seed and the number of the next draw, as a tensor that a layer can keep as state.
  public var key: Tensor {
    let words = [seed, seed >> 32, draw, draw >> 32]
    return Tensor(words.map { Int32(truncatingIfNeeded: $0) })
  }

  /// Reads what ``key`` wrote.
  /// - Precondition: the key is int32[4].
  public init(key: Tensor) {
    require(
      key.type == TensorType(.int32, [4]), "Philox: the key is \(key.type), not int32[4]")
    let words = [Int32](key)
    self.init(words: words[0], words[1], words[2], words[3])
  }

  init(words seedLow: Int32, _ seedHigh: Int32, _ drawLow: Int32, _ drawHigh: Int32) {
    func joined(_ low: Int32, _ high: Int32) -> UInt64 {
      UInt64(UInt32(bitPattern: high)) << 32 | UInt64(UInt32(bitPattern: low))
    }
    self.init(seed: joined(seedLow, seedHigh), draw: joined(drawLow, drawHigh))
  }
}
