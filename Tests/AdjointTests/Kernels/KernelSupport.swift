import Testing

@testable import Adjoint

/// Numbers without rounding errors: small integers, whose products and sums float32 holds exactly.
func integers(_ count: Int, seed: UInt64) -> [Float] {
  var generator = Philox(seed: seed)
  return [Float](Tensor.uniform([max(count, 1)], in: -4..<4, using: &generator)).prefix(count)
    .map { $0.rounded() }
}

func normals(_ count: Int, seed: UInt64, mean: Double = 0) -> [Float] {
  var generator = Philox(seed: seed)
  return Array([Float](Tensor.normal([max(count, 1)], mean: mean, using: &generator)).prefix(count))
}

/// The instruction sets that have kernels in C.
let compiled = InstructionSet.available.filter { unsafe $0.kernels != nil }

extension InstructionSet: CustomTestStringConvertible {
  public var testDescription: String { description }
}

extension Adjoint.Operation {
  /// The outputs for plain inputs, on an instruction set.
  func computed(from inputs: [Tensor], on instructions: InstructionSet) -> [Tensor] {
    let types = outputTypes(for: inputs.map(\.type))
    let outputs = types.map { Storage(uninitialized: $0) }
    var call = KernelCall(
      inputs.map(\.storage), into: outputs, types: inputs.map(\.type) + types)
    run(&call, on: instructions)
    return zip(types, outputs).map { Tensor($0, $1) }
  }
}

extension Tensor {
  /// The bit patterns of the elements.
  var bits: [UInt64] {
    switch dtype {
    case .float32: [Float](self).map { UInt64($0.bitPattern) }
    case .float64: [Double](self).map(\.bitPattern)
    case .int32: [Int32](self).map { UInt64(UInt32(bitPattern: $0)) }
    case .bool: [Bool](self).map { $0 ? 1 : 0 }
    }
  }
}
