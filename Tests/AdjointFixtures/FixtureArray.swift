import Adjoint
import Foundation

/// An array as a file of a set has it: of types that tensors have, or not.
public struct FixtureArray: Sendable {
  /// The extent of each axis.
  public let shape: [Int]
  /// The elements.
  public let elements: Elements

  /// The elements of one kind, in row-major order.
  public enum Elements: Sendable {
    case float32([Float])
    case float64([Double])
    case integers([Int])
    case masks([Bool])
  }

  /// Whether the elements are floating-point.
  public var isReal: Bool {
    switch elements {
    case .float32, .float64: true
    case .integers, .masks: false
    }
  }

  /// The elements as numbers; true is 1.
  public var numbers: [Double] {
    switch elements {
    case .float32(let values): values.map { Double($0) }
    case .float64(let values): values
    case .integers(let values): values.map { Double($0) }
    case .masks(let values): values.map { $0 ? 1 : 0 }
    }
  }

  /// The elements as whole numbers.
  public var integers: [Int] {
    if case .integers(let values) = elements { return values }
    return numbers.map { Int($0) }
  }

  /// The array as a tensor: real numbers of the type that is asked for, or as they are in the file;
  /// integers as int32.
  public func tensor(_ dtype: DType? = nil) throws -> Tensor {
    switch elements {
    case .float32(let values):
      return Tensor(values, shape: shape).cast(to: dtype ?? .float32)
    case .float64(let values):
      return Tensor(values, shape: shape).cast(to: dtype ?? .float64)
    case .integers(let values):
      guard values.allSatisfy({ Int32(exactly: $0) != nil }) else {
        throw NPY.Problem.unsupported("integers beyond int32")
      }
      return Tensor(values, shape: shape)
    case .masks(let values): return Tensor(values, shape: shape)
    }
  }
}
