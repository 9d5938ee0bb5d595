// Numbers beside tensors: they take the tensor's element type, and are constants for gradients.
//
// Overloads for three types of numbers, on either side. With `Double` alone a formula with an `Int` in it
// takes the compiler seconds to reject; tensors that literals stand for would take it seconds to accept
// right ones. `.infinity` and the like mean `Double`: the overloads for `Float` step back.

extension Tensor {
  /// Returns a + b.
  public static func + (a: Tensor, b: Double) -> Tensor { a + a.scalar(b, "add") }
  /// Returns a + b.
  public static func + (a: Double, b: Tensor) -> Tensor { b.scalar(a, "add") + b }
  /// Returns a + b.
  @_disfavoredOverload
  public static func + (a: Tensor, b: Float) -> Tensor { a + a.scalar(Double(b), "add") }
  /// Returns a + b.
  @_disfavoredOverload
  public static func + (a: Float, b: Tensor) -> Tensor { b.scalar(Double(a), "add") + b }
  /// Returns a + b.
  public static func + (a: Tensor, b: Int) -> Tensor { a + a.scalar(Double(b), "add") }
  /// Returns a + b.
  public static func + (a: Int, b: Tensor) -> Tensor { b.scalar(Double(a), "add") + b }

  /// Returns a − b.
  public static func - (a: Tensor, b: Double) -> Tensor { a - a.scalar(b, "subtract") }
  /// Returns a − b.
  public static func - (a: Double, b: Tensor) -> Tensor { b.scalar(a, "subtract") - b }
  /// Returns a − b.
  @_disfavoredOverload
  public static func - (a: Tensor, b: Float) -> Tensor { a - a.scalar(Double(b), "subtract") }
  /// Returns a − b.
  @_disfavoredOverload
  public static func - (a: Float, b: Tensor) -> Tensor { b.scalar(Double(a), "subtract") - b }
  /// Returns a − b.
  public static func - (a: Tensor, b: Int) -> Tensor { a - a.scalar(Double(b), "subtract") }
  /// Returns a − b.
  public static func - (a: Int, b: Tensor) -> Tensor { b.scalar(Double(a), "subtract") - b }

  /// Returns a · b.
  public static func * (a: Tensor, b: Double) -> Tensor { a * a.scalar(b, "multiply") }
  /// Returns a · b.
  public static func * (a: Double, b: Tensor) -> Tensor { b.scalar(a, "multiply") * b }
  /// Returns a · b.
  @_disfavoredOverload
  public static func * (a: Tensor, b: Float) -> Tensor { a * a.scalar(Double(b), "multiply") }
  /// Returns a · b.
  @_disfavoredOverload
  public static func * (a: Float, b: Tensor) -> Tensor { b.scalar(Double(a), "multiply") * b }
  /// Returns a · b.
  public static func * (a: Tensor, b: Int) -> Tensor { a * a.scalar(Double(b), "multiply") }
  /// Returns a · b.
  public static func * (a: Int, b: Tensor) -> Tensor { b.scalar(Double(a), "multiply") * b }

  /// Returns a/b.
  public static func / (a: Tensor, b: Double) -> Tensor { a / a.scalar(b, "divide") }
  /// Returns a/b.
  public static func / (a: Double, b: Tensor) -> Tensor { b.scalar(a, "divide") / b }
  /// Returns a/b.
  @_disfavoredOverload
  public static func / (a: Tensor, b: Float) -> Tensor { a / a.scalar(Double(b), "divide") }
  /// Returns a/b.
  @_disfavoredOverload
  public static func / (a: Float, b: Tensor) -> Tensor { b.scalar(Double(a), "divide") / b }
  /// Returns a/b.
  public static func / (a: Tensor, b: Int) -> Tensor { a / a.scalar(Double(b), "divide") }
  /// Returns a/b.
  public static func / (a: Int, b: Tensor) -> Tensor { b.scalar(Double(a), "divide") / b }

  /// Whether each element is less than a number, as bool.
  public static func .< (left: Tensor, right: Double) -> Tensor {
    compare(.less, left, right)
  }
  /// Whether each element is less than a number, as bool.
  @_disfavoredOverload
  public static func .< (left: Tensor, right: Float) -> Tensor {
    compare(.less, left, Double(right))
  }
  /// Whether each element is less than a number, as bool.
  public static func .< (left: Tensor, right: Int) -> Tensor {
    compare(.less, left, Double(right))
  }

  /// Whether each element is less than a number, or equal to it, as bool.
  public static func .<= (left: Tensor, right: Double) -> Tensor {
    compare(.lessOrEqual, left, right)
  }
  /// Whether each element is less than a number, or equal to it, as bool.
  @_disfavoredOverload
  public static func .<= (left: Tensor, right: Float) -> Tensor {
    compare(.lessOrEqual, left, Double(right))
  }
  /// Whether each element is less than a number, or equal to it, as bool.
  public static func .<= (left: Tensor, right: Int) -> Tensor {
    compare(.lessOrEqual, left, Double(right))
  }

  /// Whether each element is greater than a number, as bool.
  public static func .> (left: Tensor, right: Double) -> Tensor {
    compare(.greater, left, right)
  }
  /// Whether each element is greater than a number, as bool.
  @_disfavoredOverload
  public static func .> (left: Tensor, right: Float) -> Tensor {
    compare(.greater, left, Double(right))
  }
  /// Whether each element is greater than a number, as bool.
  public static func .> (left: Tensor, right: Int) -> Tensor {
    compare(.greater, left, Double(right))
  }

  /// Whether each element is greater than a number, or equal to it, as bool.
  public static func .>= (left: Tensor, right: Double) -> Tensor {
    compare(.greaterOrEqual, left, right)
  }
  /// Whether each element is greater than a number, or equal to it, as bool.
  @_disfavoredOverload
  public static func .>= (left: Tensor, right: Float) -> Tensor {
    compare(.greaterOrEqual, left, Double(right))
  }
  /// Whether each element is greater than a number, or equal to it, as bool.
  public static func .>= (left: Tensor, right: Int) -> Tensor {
    compare(.greaterOrEqual, left, Double(right))
  }

  /// Whether each element equals a number, as bool.
  public static func .== (left: Tensor, right: Double) -> Tensor {
    compare(.equal, left, right)
  }
  /// Whether each element equals a number, as bool.
  @_disfavoredOverload
  public static func .== (left: Tensor, right: Float) -> Tensor {
    compare(.equal, left, Double(right))
  }
  /// Whether each element equals a number, as bool.
  public static func .== (left: Tensor, right: Int) -> Tensor {
    compare(.equal, left, Double(right))
  }

  /// Whether each element differs from a number, as bool.
  public static func .!= (left: Tensor, right: Double) -> Tensor {
    compare(.notEqual, left, right)
  }
  /// Whether each element differs from a number, as bool.
  @_disfavoredOverload
  public static func .!= (left: Tensor, right: Float) -> Tensor {
    compare(.notEqual, left, Double(right))
  }
  /// Whether each element differs from a number, as bool.
  public static func .!= (left: Tensor, right: Int) -> Tensor {
    compare(.notEqual, left, Double(right))
  }
}
