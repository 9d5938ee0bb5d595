import Adjoint

extension Transform {
  /// Turns each image left to right with a probability.
  ///
  ///     x: [N, …, W]   →   the same shape
  /// - Precondition: the probability is from 0 to 1.
  public static func flipped(probability: Double = 0.5) -> Transform {
    require(
      (0...1).contains(probability),
      "flipped: the probability is \(probability); give a number from 0 to 1")
    return .ofInputs { x, generator in
      require(x.rank >= 2, "flipped: \(x.type) has no images; give [N, C, H, W]")
      let ones = Array(repeating: 1, count: x.rank - 1)
      let drawn = Tensor.uniform([x.shape[0]] + ones, dtype: .float64, using: &generator)
      let mirrored = x.gather(Tensor((0..<x.shape[x.rank - 1]).reversed()), along: -1)
      return mirrored.select(where: drawn .< probability, otherwise: x)
    }
  }

  /// Moves each image by up to `padding` in both directions; what comes in from outside is 0.
  ///
  ///     x: [N, C, H, W]   →   the same shape
  ///
  /// That is a random window of the image with a border of zeros around it, as in He et al., "Deep residual
  /// learning for image recognition" (2016), §4.2.
  /// - Precondition: the padding is 0 or more, and fits an int32.
  public static func cropped(padding: Int) -> Transform {
    require(
      (0...Int(Int32.max)).contains(padding),
      "cropped: the padding is \(padding); give 0 or more, at most \(Int32.max)")
    return .ofInputs { x, generator in
      require(x.rank == 4, "cropped: \(x.type) has no images; give [N, C, H, W]")
      let draw = generator.nextDraw()
      let shifts = (0..<(2 * x.shape[0])).map { place in
        Int(draw.uniform(place) * Double(2 * padding + 1)) - padding
      }
      return switch x.dtype {
      case .float32: moved(x, by: shifts, Float.self)
      case .float64: moved(x, by: shifts, Double.self)
      case .int32: moved(x, by: shifts, Int32.self)
      case .bool: moved(x, by: shifts, Bool.self)
      }
    }
  }

  /// Images moved by (down, right) each: element [i, j] is that at [i + down, j + right], or 0.
  private static func moved<Scalar: TensorScalar>(
    _ x: Tensor, by shifts: [Int], _: Scalar.Type
  ) -> Tensor {
    let (channels, height, width) = (x.shape[1], x.shape[2], x.shape[3])
    var moved = Tensor.zeros(like: x)
    x.withSpan(of: Scalar.self) { source in
      moved.withMutableSpan(of: Scalar.self) { target in
        for image in 0..<(x.shape[0] * channels) {
          let (down, right) = (shifts[2 * (image / channels)], shifts[2 * (image / channels) + 1])
          for row in max(0, -down)..<max(0, -down, min(height, height - down)) {
            let (to, from) = ((image * height + row) * width, (image * height + row + down) * width)
            for column in max(0, -right)..<max(0, -right, min(width, width - right)) {
              target[to + column] = source[from + column + right]
            }
          }
        }
      }
    }
    return moved
  }
}
