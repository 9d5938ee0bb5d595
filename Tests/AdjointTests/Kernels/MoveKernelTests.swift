import Testing

@testable import Adjoint

@Suite("The kernels in C that only move elements")
struct MoveKernelTests {
  private static let shapes = [
    [3, 5, 7], [2, 33, 17], [67], [17, 19], [64, 48], [2, 3, 4, 5], [1, 20, 1, 9], [0, 3],
    [40, 3, 21],
    [2, 2, 2, 2, 2, 2, 2, 2, 2, 2],
  ]

  /// Elements that are all different, or true and false in turn.
  private static func elements(_ shape: [Int], _ dtype: DType) -> Tensor {
    let numbers = (0..<shape.reduce(1, *)).map { place -> Double in
      let number: Int = dtype == .bool ? place * 5 % 3 % 2 : place + 1
      return Double(number)
    }
    return Tensor(numbers, shape: shape).cast(to: dtype)
  }

  private func check(
    _ operation: any Adjoint.Operation, _ inputs: [Tensor], _ instructions: InstructionSet
  ) {
    let got = operation.computed(from: inputs, on: instructions)[0]
    let want = operation.computed(from: inputs, on: .reference)[0]
    #expect(
      [Double](got.cast(to: .float64)) == [Double](want.cast(to: .float64)),
      "\(operation.name) \(operation.attributes) of \(inputs[0].type)")
  }

  @Test("Transposed, by every order of the axes", arguments: compiled)
  func transpose(_ instructions: InstructionSet) {
    func orders(_ axes: [Int]) -> [[Int]] {
      axes.count < 2
        ? [axes]
        : axes.flatMap { first in
          orders(axes.filter { $0 != first }).map { [first] + $0 }
        }
    }
    for shape in Self.shapes {
      let axes = Array(shape.indices)
      for order in shape.count < 5 ? orders(axes) : [Array(axes.reversed()), [1, 0] + axes[2...]] {
        for dtype in DType.allCases {
          check(Transpose(permutation: order), [Self.elements(shape, dtype)], instructions)
        }
      }
    }
  }

  @Test("Parts, with steps, and what is put back among zeros", arguments: compiled)
  func parts(_ instructions: InstructionSet) {
    for shape in Self.shapes where !shape.contains(0) {
      for dtype in DType.allCases {
        let x = Self.elements(shape, dtype)
        for step in 1...3 {
          let starts = shape.map { min(1, $0 - 1) }
          let steps = shape.indices.map { ($0 + step) % 3 + 1 }
          let extents = shape.indices.map { (shape[$0] - starts[$0] - 1) / steps[$0] + 1 }
          let slice = Slice(starts: starts, steps: steps, shape: extents)
          check(slice, [x], instructions)
          check(
            Pad(starts: starts, steps: steps, shape: shape), [Self.elements(extents, dtype)],
            instructions)
        }
      }
    }
  }

  @Test("Repeated along some axes", arguments: compiled)
  func broadcast(_ instructions: InstructionSet) {
    for shape in Self.shapes where shape.count < 5 {
      for chosen in 0..<(1 << shape.count) {
        let own = shape.indices.map { chosen >> $0 & 1 == 1 ? 1 : shape[$0] }
        check(Broadcast(shape: [2] + shape), [Self.elements(own, .float32)], instructions)
      }
    }
  }

  @Test("One after another, along every axis", arguments: compiled)
  func concatenate(_ instructions: InstructionSet) {
    for shape in Self.shapes {
      for axis in shape.indices {
        var other = shape
        other[axis] = 2
        for dtype in DType.allCases {
          check(
            Concatenate(axis: axis),
            [shape, other, shape].map { Self.elements($0, dtype) }, instructions)
        }
      }
    }
  }

  @Test("Gathered and added up at places, along every axis", arguments: compiled)
  func indexing(_ instructions: InstructionSet) {
    for shape in Self.shapes where !shape.contains(0) {
      for axis in shape.indices {
        for count in [0, 1, 5, 70] {
          let places = Tensor((0..<count).map { Int32(($0 * 5 + 1) % shape[axis]) })
          for dtype in DType.allCases {
            check(Gather(axis: axis), [Self.elements(shape, dtype), places], instructions)
          }
          var slices = shape
          slices[axis] = count
          for dtype in [DType.float32, .float64, .int32] {
            check(
              ScatterAdd(axis: axis, extent: shape[axis]),
              [Self.elements(slices, dtype), places], instructions)
          }
        }
      }
    }
  }
}
