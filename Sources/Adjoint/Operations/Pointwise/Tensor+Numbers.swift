// Numbers beside tensors: they take the tensor's element type, and are constants for gradients.
//
// Overloads for three types of numbers, on either side. With `Double` alone a formula with an `Int` in it
// takes the compiler seconds to reject; tensors that literals stand for would take it seconds to accept
// right ones. `.infinity` and the like mean `Double`: the overloads for `Float` step back.

extension Tensor {
  /// Returns a + b.
  public static func + (a: Tensor, b: Double) -> Tensor { a + a.scalar(b) }
  /// Returns a + b.
  public static func + (a: Double, b: Tensor) -> Tensor { b.scalar(a) + b }
  /// Returns a + b.
  @_disfavoredOverload
  public static func + (a: Tensor, b: Float) -> Tensor { a + a.scalar(Double(b)) }
  /// Returns a + b.
  @_disfavoredOverload
  public static func + (a: Float, b: Tensor) -> Tensor { b.scalar(Double(a)) + b }
  /// Returns a + b.
  public static func + (a: Tensor, b: Int) -> Tensor { a + a.scalar(Double(b)) }
  /// Returns a + b.
  public static func + (a: Int, b: Tensor) -> Tensor { b.scalar(Double(a)) + b }

  /// Returns a − b.
  public static func - (a: Tensor, b: Double) -> Tensor { a - a.scalar(b) }
  /// Returns a − b.
  public static func - (a: Double, b: Tensor) -> Tensor { b.scalar(a) - b }
  /// Returns a − b.
  @_disfavoredOverload
  public static func - (a: Tensor, b: Float) -> Tensor { a - a.scalar(Double(b)) }
  /// Returns a − b.
  @_disfavoredOverload
  public static func - (a: Float, b: Tensor) -> Tensor { b.scalar(Double(a)) - b }
  /// Returns a − b.
  public static func - (a: Tensor, b: Int) -> Tensor { a - a.scalar(Double(b)) }
  /// Returns a − b.
  public static func - (a: Int, b: Tensor) -> Tensor { b.scalar(Double(a)) - b }

  /// Returns a · b.
  public static func * (a: Tensor, b: Double) -> Tensor { a * a.scalar(b) }
  /// Returns a · b.
  public static func * (a: Double, b: Tensor) -> Tensor { b.scalar(a) * b }
  /// Returns a · b.
  @_disfavoredOverload
  public static func * (a: Tensor, b: Float) -> Tensor { a * a.scalar(Double(b)) }
  /// Returns a · b.
  @_disfavoredOverload
  public static func * (a: Float, b: Tensor) -> Tensor { b.scalar(Double(a)) * b }
  /// Returns a · b.
  public static func * (a: Tensor, b: Int) -> Tensor { a * a.scalar(Double(b)) }
  /// Returns a · b.
  public static func * (a: Int, b: Tensor) -> Tensor { b.scalar(Double(a)) * b }

  /// Returns a/b.
  public static func / (a: Tensor, b: Double) -> Tensor { a / a.scalar(b) }
  /// Returns a/b.
  public static func / (a: Double, b: Tensor) -> Tensor { b.scalar(a) / b }
  /// Returns a/b.
  @_disfavoredOverload
  public static func / (a: Tensor, b: Float) -> Tensor { a / a.scalar(Double(b)) }
  /// Returns a/b.
  @_disfavoredOverload
  public static func / (a: Float, b: Tensor) -> Tensor { b.scalar(Double(a)) / b }
  /// Returns a/b.
  public static func / (a: Tensor, b: Int) -> Tensor { a / a.scalar(Double(b)) }
  /// Returns a/b.
  public static func / (a: Int, b: Tensor) -> Tensor { b.scalar(Double(a)) / b }

  /// Whether each element is less than a number, as bool.
  public static func .< (left: Tensor, right: Double) -> Tensor {
    left .< left.scalar(right)
  }
  /// Whether each element is less than a number, as bool.
  @_disfavoredOverload
  public static func .< (left: Tensor, right: Float) -> Tensor {
    left .< left.scalar(Double(right))
  }
  /// Whether each element is less than a number, as bool.
  public static func .< (left: Tensor, right: Int) -> Tensor {
    left .< left.scalar(Double(right))
  }

  /// Whether each element is less than a number, or equal to it, as bool.
  public static func .<= (left: Tensor, right: Double) -> Tensor {
    left .<= left.scalar(right)
  }
  /// Whether each element is less than a number, or equal to it, as bool.
  @_disfavoredOverload
  public static func .<= (left: Tensor, right: Float) -> Tensor {
    left .<= left.scalar(Double(right))
  }
  /// Whether each element is less than a number, or equal to it, as bool.
  public static func .<= (left: Tensor, right: Int) -> Tensor {
    left .<= left.scalar(Double(right))
  }

  /// Whether each element is greater than a number, as bool.
  public static func .> (left: Tensor, right: Double) -> Tensor {
    left .> left.scalar(right)
  }
  /// Whether each element is greater than a number, as bool.
  @_disfavoredOverload
  public static func .> (left: Tensor, right: Float) -> Tensor {
    left .> left.scalar(Double(right))
  }
  /// Whether each element is greater than a number, as bool.
  public static func .> (left: Tensor, right: Int) -> Tensor {
    left .> left.scalar(Double(right))
  }

  /// Whether each element is greater than a number, or equal to it, as bool.
  public static func .>= (left: Tensor, right: Double) -> Tensor {
    left .>= left.scalar(right)
  }
  /// Whether each element is greater than a number, or equal to it, as bool.
  @_disfavoredOverload
  public static func .>= (left: Tensor, right: Float) -> Tensor {
    left .>= left.scalar(Double(right))
  }
  /// Whether each element is greater than a number, or equal to it, as bool.
  public static func .>= (left: Tensor, right: Int) -> Tensor {
    left .>= left.scalar(Double(right))
  }

  /// Whether each element equals a number, as bool.
  public static func .== (left: Tensor, right: Double) -> Tensor {
    left .== left.scalar(right)
  }
  /// Whether each element equals a number, as bool.
  @_disfavoredOverload
  public static func .== (left: Tensor, right: Float) -> Tensor {
    left .== left.scalar(Double(right))
  }
  /// Whether each element equals a number, as bool.
  public static func .== (left: Tensor, right: Int) -> Tensor {
    left .== left.scalar(Double(right))
  }

  /// Whether each element differs from a number, as bool.
  public static func .!= (left: Tensor, right: Double) -> Tensor {
    left .!= left.scalar(right)
  }
  /// Whether each element differs from a number, as bool.
  @_disfavoredOverload
  public static func .!= (left: Tensor, right: Float) -> Tensor {
    left .!= left.scalar(Double(right))
  }
  /// Whether each element differs from a number, as bool.
  public static func .!= (left: Tensor, right: Int) -> Tensor {
    left .!= left.scalar(Double(right))
  }
}
