import Adjoint

// Weights that are known maps.
extension Initializer {
  /// A random orthogonal map times a gain: rows that are orthonormal, or columns where there are fewer.
  ///
  /// The weight [outputs, inputs, kernel…] is taken as a matrix of outputs rows. Normal numbers are made
  /// orthonormal by Gram and Schmidt's process, twice, which gives each orthogonal map with the same likelihood.
  ///
  /// Source: Saxe, McClelland & Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear
  /// neural networks" (2013).
  public static func orthogonal(gain: Double = 1) -> Initializer {
    Initializer { shape, dtype, generator in
      requireMatrix(shape)
      let (rows, columns) = (shape[0], shape[1...].reduce(1, *))
      guard rows * columns > 0 else { return .zeros(shape, dtype: dtype) }
      let (count, length) = (min(rows, columns), max(rows, columns))
      let drawn = [Double](
        Tensor.normal([count, length], dtype: .float64, using: &generator))
      let vectors = orthonormal(
        (0..<count).map { Array(drawn[$0 * length..<($0 + 1) * length]) })
      let matrix = Tensor(vectors.flatMap { $0 }, shape: [count, length]) * gain
      return (rows <= columns ? matrix : matrix.transposed()).cast(to: dtype).reshaped(to: shape)
    }
  }

  /// Each output starts as the input of its number: the identity for weights [outputs, inputs], its convolution
  /// for weights [outputs, inputs, kernel…], with 1 in the middle of the kernel.
  ///
  /// In each of `groups` groups of outputs; outputs that have no input are 0.
  /// - Precondition: the groups divide the outputs.
  public static func dirac(groups: Int = 1) -> Initializer {
    Initializer { shape, dtype, _ in
      requireMatrix(shape)
      require(
        groups >= 1 && shape[0].isMultiple(of: groups),
        "dirac: \(groups) groups do not divide the \(shape[0]) outputs of \(shape); give a divisor of them"
      )
      let kernel = shape[2...]
      let size = kernel.reduce(1, *)
      let middle = kernel.reduce(0) { $0 * $1 + $1 / 2 }
      var weights = Array(repeating: 0.0, count: shape.reduce(1, *))
      for output in 0..<shape[0] where output % (shape[0] / groups) < shape[1] && size > 0 {
        let input = output % (shape[0] / groups)
        weights[(output * shape[1] + input) * size + middle] = 1
      }
      return Tensor(weights, shape: shape).cast(to: dtype)
    }
  }

  /// The identity: ``dirac(groups:)`` with one group.
  public static let identity = dirac()
}

/// Vectors made orthonormal one after another; the second pass takes away what rounding leaves of the first.
///
/// Source: Giraud, Langou & Rozložník, "The loss of orthogonality in the Gram-Schmidt orthogonalization process"
/// (2005).
private func orthonormal(_ vectors: [[Double]]) -> [[Double]] {
  var found: [[Double]] = []
  for vector in vectors {
    var rest = vector
    for _ in 0..<2 {
      for other in found {
        let share = zip(rest, other).reduce(0) { $0 + $1.0 * $1.1 }
        for place in rest.indices { rest[place] -= share * other[place] }
      }
    }
    let norm = rest.reduce(0) { $0 + $1 * $1 }.squareRoot()
    found.append(rest.map { $0 / norm })
  }
  return found
}
