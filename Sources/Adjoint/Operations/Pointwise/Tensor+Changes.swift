// Numbers added to a tensor in place, and the like: see Tensor+Numbers.swift.

extension Tensor {
  /// Adds a number to the tensor.
  public static func += (a: inout Tensor, b: Double) { a = a + b }
  /// Adds a number to the tensor.
  @_disfavoredOverload
  public static func += (a: inout Tensor, b: Float) { a = a + b }
  /// Adds a number to the tensor.
  public static func += (a: inout Tensor, b: Int) { a = a + b }

  /// Subtracts a number from the tensor.
  public static func -= (a: inout Tensor, b: Double) { a = a - b }
  /// Subtracts a number from the tensor.
  @_disfavoredOverload
  public static func -= (a: inout Tensor, b: Float) { a = a - b }
  /// Subtracts a number from the tensor.
  public static func -= (a: inout Tensor, b: Int) { a = a - b }

  /// Multiplies the tensor by a number.
  public static func *= (a: inout Tensor, b: Double) { a = a * b }
  /// Multiplies the tensor by a number.
  @_disfavoredOverload
  public static func *= (a: inout Tensor, b: Float) { a = a * b }
  /// Multiplies the tensor by a number.
  public static func *= (a: inout Tensor, b: Int) { a = a * b }

  /// Divides the tensor by a number.
  public static func /= (a: inout Tensor, b: Double) { a = a / b }
  /// Divides the tensor by a number.
  @_disfavoredOverload
  public static func /= (a: inout Tensor, b: Float) { a = a / b }
  /// Divides the tensor by a number.
  public static func /= (a: inout Tensor, b: Int) { a = a / b }
}
