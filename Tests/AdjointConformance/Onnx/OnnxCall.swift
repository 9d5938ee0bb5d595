import Adjoint
import AdjointFixtures

/// An operator of ONNX applied to values: what a line of the tables of operators works with.
struct OnnxCall {
  let node: OnnxCase.Node
  /// The version of ONNX's operators.
  let version: Int
  /// The element type of real numbers.
  let dtype: DType
  /// The inputs; nil for one that is left out.
  let values: [OnnxValue?]

  /// The number of inputs.
  var count: Int { values.count }

  /// Whether an input is given.
  func has(_ number: Int) -> Bool { number < values.count && values[number] != nil }

  /// An input, which must be given.
  func value(_ number: Int) throws -> OnnxValue {
    guard number < values.count, let value = values[number] else {
      throw Unsupported("\(node.operation) without input \(number)")
    }
    return value
  }

  /// An input as a tensor.
  func input(_ number: Int) throws -> Tensor { try value(number).tensor() }

  /// An input as a tensor, or nil.
  func optional(_ number: Int) throws -> Tensor? { has(number) ? try input(number) : nil }

  /// Input 0.
  var x: Tensor { get throws { try input(0) } }

  /// All inputs.
  var inputs: [Tensor] { get throws { try values.indices.map { try input($0) } } }

  /// An input that is a list of whole numbers, or nil.
  func integers(_ number: Int) throws -> [Int]? {
    has(number) ? try value(number).integers() : nil
  }

  /// An input that is one number, or nil.
  func number(input number: Int) throws -> Double? {
    has(number) ? try value(number).number() : nil
  }

  /// An attribute that is a number.
  func number(_ name: String) -> Double? { node.attributes[name]?.number }

  /// An attribute that is a whole number.
  func integer(_ name: String) -> Int? { number(name).map { Int($0) } }

  /// An attribute that is 0 or 1.
  func flag(_ name: String) -> Bool { number(name) ?? 0 != 0 }

  /// An attribute that is a list of whole numbers.
  func list(_ name: String) -> [Int]? { node.attributes[name]?.list?.map { Int($0) } }

  /// An attribute that is a text.
  func text(_ name: String) -> String? { node.attributes[name]?.text }
}

/// A value of a graph of ONNX: an array of the case, or what an operator has made.
enum OnnxValue {
  case array(FixtureArray, DType)
  case made(Tensor)

  func tensor() throws -> Tensor {
    switch self {
    case .array(let array, let dtype): try array.tensor(dtype)
    case .made(let tensor): tensor
    }
  }

  func integers() throws -> [Int] {
    switch self {
    case .array(let array, _): array.integers
    case .made(let tensor): [Double](tensor).map { Int($0) }
    }
  }

  func number() throws -> Double {
    switch self {
    case .array(let array, _): array.numbers[0]
    case .made(let tensor): Double(tensor.reshaped(to: []))
    }
  }
}
