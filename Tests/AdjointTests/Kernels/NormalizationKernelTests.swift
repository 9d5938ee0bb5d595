import Testing

@testable import Adjoint

/// Batch norm and group norm of data that are hard to add up in float32.
@Suite("The kernels of normalization, on hard data")
struct NormalizationKernelTests {
  /// Numbers x, [70, 21], and ε.
  static let cases: [(label: String, x: Tensor, epsilon: Double)] = {
    let normal = Tensor(normals(70 * 21, seed: 1), shape: [70, 21])
    let sign = Tensor((0..<70 * 21).map { $0 / 21 % 3 == 0 ? 1 : -1 }, shape: [70, 21])
    let isFirst = Tensor((0..<70 * 21).map { $0 < 21 ? 1 : 0 }, shape: [70, 21])
    return [
      ("normal", normal, 1e-5), ("offset", normal * 0.01 + 1e4, 1e-5),
      ("an outlier first", normal + isFirst * 1e3, 1e-5), ("±1e20", sign * 1e20, 1e-5),
      ("±1e-30", sign * 1e-30, 0), ("constant", .full([70, 21], 0.1), 1e-5),
    ]
  }()

  /// Cotangents: normal, with a large mean, and such that the first rows' sum is infinite in float32.
  static let cotangents: [(label: String, dy: Tensor)] = {
    let normal = Tensor(normals(70 * 21, seed: 2), shape: [70, 21])
    let half = Tensor((0..<70 * 21).map { $0 < 35 * 21 ? 1 : -1 }, shape: [70, 21])
    return [("normal", normal), ("offset", normal + 1e4), ("huge", half * 2e37)]
  }()

  /// Sums of at most 32 numbers that are near each other have at most 11 roundings (4 numbers, then 8 such
  /// sums), a product one; those of x̂, of the variance's root and of the result make it less than 24.
  static let roundings = 24 * 0x1p-24

  private func largest(_ tensor: Tensor) -> Double { Double(tensor.magnitude().max()) }

  /// An operation's outputs on an instruction set, and of the same numbers in float64 by the reference.
  private func outputs(
    _ operation: any Adjoint.Operation, _ inputs: [Tensor], _ instructions: InstructionSet
  ) -> [(got: Tensor, want: Tensor)] {
    let got = operation.computed(from: inputs, on: instructions)
    let wide = inputs.map { $0.cast(to: .float64) }
    return zip(got, operation.computed(from: wide, on: .reference))
      .map { ($0.cast(to: .float64), $1) }
  }

  @Test("Batch norm", arguments: compiled)
  func batchNorm(_ instructions: InstructionSet) {
    let scale = Tensor(normals(21, seed: 3)) + 3
    let shift = Tensor(normals(21, seed: 4))
    for (label, x, epsilon) in Self.cases {
      let forward = outputs(
        BatchNormalization(axis: 1), [x, scale, shift, x.scalar(epsilon)], instructions)
      let bound = Self.roundings * largest(forward[0].want)
      #expect(largest(forward[0].got - forward[0].want) <= bound, "\(label)")
      for (which, dy) in Self.cotangents {
        let statistics = BatchNormalization(axis: 1)
          .computed(from: [x, scale, shift, x.scalar(epsilon)], on: instructions)
        let gradients = outputs(
          BatchNormalizationGradient(axis: 1), [x, scale, statistics[1], statistics[3], dy],
          instructions)
        let factor = largest(statistics[3]) * largest(scale)
        // What is beyond float32 is infinite, as it should be.
        guard factor * largest(dy) < 3e38 else { continue }
        #expect(
          largest(gradients[0].got - gradients[0].want) <= Self.roundings * factor * largest(dy),
          "\(label), \(which)")
        // The sums over 70 rows of x̂ and of what dy is off its mean.
        let deviation = largest(dy - dy.mean(over: [0], keepingAxes: true))
        let normalized = largest(
          (forward[0].want - shift.cast(to: .float64)) / scale.cast(to: .float64))
        #expect(
          largest(gradients[1].got - gradients[1].want)
            <= Self.roundings * 70 * deviation * max(1, normalized), "\(label), \(which)")
        #expect(
          largest(gradients[2].got - gradients[2].want) <= Self.roundings * 70 * largest(dy),
          "\(label), \(which)")
      }
    }
  }

  @Test("Group norm", arguments: compiled)
  func groupNorm(_ instructions: InstructionSet) {
    for (label, x, epsilon) in Self.cases {
      for (shape, groups) in [([21, 70], 1), ([21, 70], 2), ([21, 7, 10], 1), ([3, 14, 35], 2)] {
        let scale = Tensor(normals(shape[1], seed: 3)) + 3
        let shift = Tensor(normals(shape[1], seed: 4))
        let operation = GroupNormalization(groups: groups)
        // What a group holds is what a channel did.
        let x = x.transposed([1, 0]).reshaped(to: shape)
        let inputs = [x, scale, shift, x.scalar(epsilon)]
        let forward = outputs(operation, inputs, instructions)
        #expect(
          largest(forward[0].got - forward[0].want) <= Self.roundings * largest(forward[0].want),
          "\(label) \(shape) in \(groups)")
        let statistics = operation.computed(from: inputs, on: instructions)
        for (which, dy) in Self.cotangents {
          let dy = dy.transposed([1, 0]).reshaped(to: shape)
          let gradients = outputs(
            GroupNormalizationGradient(groups: groups),
            [x, scale, statistics[1], statistics[2], dy], instructions)
          let factor = largest(statistics[2]) * largest(scale)
          // What is beyond float32 is infinite, as it should be.
          guard max(factor, Double(x.count)) * largest(dy) < 1e37 else { continue }
          #expect(
            largest(gradients[0].got - gradients[0].want) <= Self.roundings * factor * largest(dy),
            "\(label), \(which), \(shape) in \(groups)")
          let count = Double(x.count / shape[1])
          for number in [1, 2] {
            #expect(
              largest(gradients[number].got - gradients[number].want)
                <= Self.roundings * count * largest(dy) * 70.0.squareRoot(),
              "\(label), \(which), \(shape) in \(groups)")
          }
        }
      }
    }
  }
}
