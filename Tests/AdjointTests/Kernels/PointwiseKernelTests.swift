import AdjointKernels
import Testing

@testable import Adjoint

@Suite("The instructions of pointwise operations")
struct PointwiseKernelTests {
  /// The operations that are instructions, as those of integers alone are not, each with operands to run it on.
  static let calls: [(operation: any Adjoint.Operation, inputs: [Tensor])] =
    Operations.pointwise.flatMap { type in
      type.samples.map { ($0.operation, $0.inputs) }
    }.filter { $0.inputs[0].count > 1 && !($0.operation is IntegerUnary) }

  /// Sixty-seven elements made of those of a sample, in an element type.
  static func elements(of tensor: Tensor, _ dtype: DType) -> Tensor {
    let numbers = [Double](tensor.cast(to: .float64))
    let repeated = (0..<67).map { place in
      let number = numbers[place * 5 % numbers.count] * (1 + Double(place) / 1024)
      return dtype == .int32 && number.isNaN ? 0 : number
    }
    return Tensor(repeated).cast(to: tensor.dtype == .bool ? .bool : dtype)
  }

  @Test("Each is what the reference computes, at every length", arguments: compiled)
  func everyLength(_ instructions: InstructionSet) throws {
    for (operation, inputs) in Self.calls {
      for dtype in DType.allCases where operation.elementTypes.contains(dtype) {
        let whole = inputs.map { Self.elements(of: $0, dtype) }
        guard whole.allSatisfy({ $0.dtype == dtype }) || dtype.isFloatingPoint else { continue }
        for length in [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 63, 67] {
          let operands = whole.map { $0.slice(0..<length, along: 0) }
          let got = operation.computed(from: operands, on: instructions)[0]
          let want = operation.computed(from: operands, on: .reference)[0]
          expectClose(got, want, "\(operation.name) \(dtype) at \(length)")
          let long = operation.computed(from: whole, on: instructions)[0]
          #expect(
            got.bits == long.slice(0..<length, along: 0).bits,
            "\(operation.name) \(dtype): the bits depend on the length \(length)")
        }
      }
    }
  }

  @Test("Operands that repeat are read where they are", arguments: compiled)
  func repetitions(_ instructions: InstructionSet) {
    let patterns = [
      Repetition(outer: 1, middle: 1, inner: 66), Repetition(outer: 6, middle: 11, inner: 1),
      Repetition(outer: 1, middle: 6, inner: 11), Repetition(outer: 2, middle: 3, inner: 11),
    ]
    for (operation, inputs) in Self.calls {
      let dtype: DType = operation.elementTypes.contains(.float32) ? .float32 : .bool
      let whole = inputs.map { Self.elements(of: $0, dtype) }
      for pattern in patterns {
        for which in 1..<(1 << whole.count) {
          func operands(written: Bool) -> [Tensor] {
            whole.enumerated().map { number, tensor in
              guard which >> number & 1 == 1 else { return tensor.slice(0..<66, along: 0) }
              let storage = tensor.slice(0..<pattern.middle, along: 0).storage.repeated(pattern)
              return Tensor(TensorType(tensor.dtype, [66]), written ? storage.copy() : storage)
            }
          }
          let got = operation.computed(from: operands(written: false), on: instructions)[0]
          let want = operation.computed(from: operands(written: true), on: instructions)[0]
          #expect(got.bits == want.bits, "\(operation.name) with \(pattern), operands \(which)")
        }
      }
    }
  }

  @Test("Nothing is written beyond the result, wherever it lies", arguments: compiled)
  func unaligned(_ instructions: InstructionSet) throws {
    let kernels = unsafe try #require(instructions.kernels)
    for length in 0...67 {
      let (a, b) = (normals(length + 1, seed: 1), normals(length + 1, seed: 2))
      for (aRepeats, bRepeats) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        var y = Array(repeating: Float.nan, count: length + 2)
        unsafe a.withUnsafeBufferPointer { a in
          unsafe b.withUnsafeBufferPointer { b in
            let operands = unsafe [
              AdjointOperand(elements: a.baseAddress! + 1 - aRepeats, repeats: Int32(aRepeats)),
              AdjointOperand(elements: b.baseAddress! + 1 - bRepeats, repeats: Int32(bRepeats)),
            ]
            unsafe y.withUnsafeMutableBufferPointer { y in
              unsafe kernels.pointee.pointwise(
                adjointAdd, adjointFloat, operands, y.baseAddress! + 1, length)
            }
          }
        }
        let want = (0..<length).map {
          a[aRepeats == 1 ? 0 : $0 + 1] + b[bRepeats == 1 ? 0 : $0 + 1]
        }
        #expect(Array(y[1...length + 1].dropLast()) == want)
        #expect(y[0].isNaN && y[length + 1].isNaN, "wrote beyond \(length) elements")
      }
    }
  }

  /// Equal up to 16 units in the last place of the larger of the two and of 1: the bounds of the functions
  /// are tested on their own.
  private func expectClose(_ got: Tensor, _ want: Tensor, _ label: String) {
    #expect(got.type == want.type)
    let unit = want.dtype.isFloatingPoint ? want.dtype.epsilon * 16 : 0
    for (got, want) in zip([Double](got.cast(to: .float64)), [Double](want.cast(to: .float64))) {
      let isClose =
        got == want || got.isNaN && want.isNaN || abs(got - want) <= unit * max(1, abs(want))
      #expect(isClose, "\(label): \(got), not \(want)")
    }
  }
}
