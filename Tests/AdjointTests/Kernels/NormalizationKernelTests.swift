import Testing

@testable import Adjoint

/// Batch norm and group norm of data that are hard to add up in float32.
@Suite("The kernels of normalization, on hard data")
struct NormalizationKernelTests {
  /// Numbers x, [rows, channels], and ε.
  struct Case {
    let label: String
    let x: Tensor
    let epsilon: Double
  }

  /// Rows of which each holds one number.
  private static func alike(_ shape: [Int], _ value: (Int) -> Float) -> Tensor {
    Tensor((0..<shape[0] * shape[1]).map { value($0 / shape[1]) }, shape: shape)
  }

  /// One part of few channels, and several parts of more.
  static let cases: [Case] = [[70, 21], [900, 37]].flatMap { shape in
    let normal = Tensor(normals(shape[0] * shape[1], seed: 1), shape: shape)
    func rows(_ value: (Int) -> Float) -> Tensor { alike(shape, value) }
    let sign = rows { $0 % 3 == 0 ? 1 : -1 }
    return [
      Case(label: "normal", x: normal, epsilon: 1e-5),
      Case(label: "offset", x: normal * 0.01 + 1e4, epsilon: 1e-5),
      Case(label: "an outlier first", x: normal + rows { $0 == 0 ? 1e3 : 0 }, epsilon: 1e-5),
      Case(label: "zeros after eight", x: rows { $0 < 8 ? 0.7 : 0 }, epsilon: 1e-5),
      Case(label: "±1e20", x: sign * 1e20, epsilon: 1e-5),
      Case(label: "±1e-30", x: sign * 1e-30, epsilon: 0),
      Case(label: "constant", x: .full(shape, 0.1), epsilon: 1e-5),
    ]
  }

  /// Without ε the result does not depend on the unit, which divides the gradient; a square of 2⁶⁰⁰ or of 2⁻⁶⁰⁰ is no
  /// float64. Channels of three values and groups of four, with and without kernels.
  @Test("Deviations that float64 cannot square", arguments: [0x1p600, 0x1p-600], [true, false])
  func squaresOfFloat64(_ unit: Double, _ isFused: Bool) {
    let x = Tensor([[1, -2, 4, 7], [3, 5, -6, 1], [2, 3, 9, 0]] as [[Double]])
    let (scale, shift) = (Tensor([1, 2, 3, 4] as [Double]), Tensor([0, 1, 0, -1] as [Double]))
    let dy = Tensor([[1, 0, 2, 0], [-1, 3, 0, 1], [0, 1, 1, 5]] as [[Double]])
    let operations: [any FusedOperation] = [
      BatchNormalization(axis: 1), GroupNormalization(groups: 1),
    ]
    for operation in operations {
      func results(_ unit: Double) -> (y: Tensor, dx: Tensor) {
        let (y, dx) = valueAndGradient(at: x * unit) { x -> Tensor in
          let inputs = [x, scale, shift, Tensor(0, dtype: .float64)]
          let outputs = isFused ? operation.outputs(of: inputs) : operation.composed(inputs)
          return (outputs[0] * dy).sum()
        }
        return (y, dx * unit)
      }
      let (plain, other) = (results(1), results(unit))
      // Some ten roundings of sums of numbers below 100.
      #expect(other.y.isClose(to: plain.y, relative: 1e-13, absolute: 1e-13), "\(operation.name)")
      #expect(
        other.dx.isClose(to: plain.dx, relative: 1e-13, absolute: 1e-13), "\(operation.name)")
      #expect([Double](plain.dx).contains { abs($0) > 0.01 })
    }
  }

  /// Cotangents: normal, with a large mean, in one row only, and such that sums are infinite in float32.
  static func cotangents(_ shape: [Int]) -> [(label: String, dy: Tensor)] {
    let normal = Tensor(normals(shape[0] * shape[1], seed: 2), shape: shape)
    func rows(_ value: (Int) -> Float) -> Tensor { alike(shape, value) }
    return [
      ("normal", normal), ("offset", normal + 1e4), ("one row", rows { $0 == 0 ? 0.7 : 0 }),
      ("huge", rows { $0 < shape[0] / 2 ? 1 : -1 } * Tensor(Float(1e39 / Double(shape[0])))),
    ]
  }

  /// Sums are exact next to float32: what is left are the roundings of the statistics, of the coefficients,
  /// and of at most four operations on each element, half a unit each.
  static let roundings = 8 * 0x1p-24

  private func largest(_ tensor: Tensor) -> Double { Double(tensor.magnitude().max()) }

  /// An operation's outputs of some numbers in float64 by the reference, and the largest errors on any instruction set.
  private func outputs(_ operation: any Adjoint.Operation, _ inputs: [Tensor]) -> [(
    want: Tensor, error: Double
  )] {
    let results = compiled.map { operation.computed(from: inputs, on: $0) }
    let wide = inputs.map { $0.cast(to: .float64) }
    return operation.computed(from: wide, on: .reference).enumerated().map { place, want in
      let errors = results.map { largest($0[place].cast(to: .float64) - want) }
      // One that is no number is the largest.
      return (want, errors.first { $0.isNaN } ?? errors.max() ?? 0)
    }
  }

  @Test("Batch norm", arguments: cases.indices)
  func batchNorm(_ index: Int) {
    let item = Self.cases[index]
    let (label, x, epsilon) = ("\(item.label) \(item.x.type)", item.x, item.epsilon)
    let scale = Tensor(normals(x.shape[1], seed: 3)) + 3
    let shift = Tensor(normals(x.shape[1], seed: 4))
    let (operation, inputs) = (BatchNormalization(axis: 1), [x, scale, shift, x.scalar(epsilon)])
    let forward = outputs(operation, inputs)[0]
    #expect(forward.error <= Self.roundings * largest(forward.want), "\(label)")
    let statistics = operation.outputs(of: inputs)
    for (which, dy) in Self.cotangents(item.x.shape) {
      let gradients = outputs(
        BatchNormalizationGradient(axis: 1), [x, scale, statistics[1], statistics[3], dy])
      let factor = largest(statistics[3]) * largest(scale)
      // What is beyond float32 is infinite, as it should be.
      guard factor * largest(dy) < 3e38 else { continue }
      #expect(
        gradients[0].error <= Self.roundings * factor * largest(dy), "\(label), \(which)")
      // The sums over all rows of x̂ and of what dy is off its mean.
      let deviation = largest(dy - dy.mean(over: [0], keepingAxes: true))
      let normalized = largest(
        (forward.want - shift.cast(to: .float64)) / scale.cast(to: .float64))
      let size = Double(x.shape[0]) * deviation * max(1, normalized)
      if size < 3e38 {
        #expect(gradients[1].error <= Self.roundings * size, "\(label), \(which)")
      }
      #expect(
        gradients[2].error <= Self.roundings * Double(x.shape[0]) * largest(dy),
        "\(label), \(which)")
    }
  }

  @Test("Group norm", arguments: cases.indices)
  func groupNorm(_ index: Int) {
    let item = Self.cases[index]
    let (label, x, epsilon) = ("\(item.label) \(item.x.type)", item.x, item.epsilon)
    let (rows, width) = (x.shape[0], x.shape[1])
    for (shape, groups) in [
      ([width, rows], 1), ([width, rows], 2), ([width, rows / 10, 10], 1),
      ([width, rows / 5, 5], 2),
    ] {
      let scale = Tensor(normals(shape[1], seed: 3)) + 3
      let shift = Tensor(normals(shape[1], seed: 4))
      let operation = GroupNormalization(groups: groups)
      // What a group holds is what a channel did.
      let x = x.transposed([1, 0]).reshaped(to: shape)
      let inputs = [x, scale, shift, x.scalar(epsilon)]
      let forward = outputs(operation, inputs)[0]
      #expect(
        forward.error <= Self.roundings * largest(forward.want),
        "\(label) \(shape) in \(groups)")
      let statistics = operation.outputs(of: inputs)
      for (which, dy) in Self.cotangents(item.x.shape) {
        let dy = dy.transposed([1, 0]).reshaped(to: shape)
        let gradients = outputs(
          GroupNormalizationGradient(groups: groups),
          [x, scale, statistics[1], statistics[2], dy])
        let factor = largest(statistics[2]) * largest(scale)
        // What is beyond float32 is infinite, as it should be.
        guard factor * largest(dy) < 3e38 else { continue }
        #expect(
          gradients[0].error <= Self.roundings * factor * largest(dy),
          "\(label), \(which), \(shape) in \(groups)")
        let count = Double(x.count / shape[1])
        let normalized = largest(
          (forward.want - shift.cast(to: .float64).channels(1, rank: shape.count))
            / scale.cast(to: .float64).channels(1, rank: shape.count))
        for (number, size) in [(1, max(1, normalized)), (2, 1)]
        where count * size * largest(dy) < 3e38 {
          #expect(
            gradients[number].error <= Self.roundings * count * size * largest(dy),
            "\(label), \(which), \(shape) in \(groups)")
        }
      }
    }
  }
}
