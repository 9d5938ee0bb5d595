import Testing

@testable import Adjoint

@Suite("Attention by blocks of queries")
struct AttentionKernelTests {
  /// Queries in several blocks, the last of which is not full, and groups that share keys.
  static let shapes = [
    (q: [2, 150, 5], k: [2, 70, 5], values: 3), (q: [4, 64, 8], k: [2, 65, 8], values: 8),
    (q: [3, 65, 1], k: [1, 200, 1], values: 17),
  ]

  @Test("Each is what the reference computes", arguments: compiled)
  func blocks(_ instructions: InstructionSet) {
    for (q, k, values) in Self.shapes {
      for isCausal in [false, true] {
        for dtype in [DType.float64, .float32] {
          let inputs = [
            Tensor.sample(q), .sample(k, seed: 2), .sample([k[0], k[1], values], seed: 3),
            .sample([q[0], q[1], values], seed: 4),
          ].map { $0.cast(to: dtype) }
          expectClose(Attention(isCausal: isCausal), Array(inputs[..<3]), instructions)
          expectClose(AttentionGradient(isCausal: isCausal), inputs, instructions)
        }
      }
    }
  }

  /// Sums of at most 200 products of numbers of about 1, which the reference keeps in float64.
  private func expectClose(
    _ operation: some Adjoint.Operation, _ inputs: [Tensor], _ instructions: InstructionSet
  ) {
    let got = operation.computed(from: inputs, on: instructions)
    let want = operation.computed(from: inputs.map { $0.cast(to: .float64) }, on: .reference)
    let unit = inputs[0].dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
    for (got, want) in zip(got, want) {
      let largest = [Double](want).map(abs).max() ?? 0
      let errors = zip([Double](got), [Double](want)).map { abs($0 - $1) }
      #expect(
        (errors.max() ?? 0) <= 200 * unit * max(1, largest),
        "\(operation.name) \(operation.attributes) \(inputs[0].type)")
    }
  }

  @Test("Memory grows with the sequence, and not with its square", arguments: compiled)
  func memory(_ instructions: InstructionSet) throws {
    let kernels = try unsafe #require(instructions.kernels)
    func bytes(_ length: Int) -> Int {
      let types = [TensorType](repeating: TensorType(.float32, [1, length, 4]), count: 4)
      let call = KernelCall(types[..<3].map { Tensor.zeros($0.shape).storage }, types: types)
      return unsafe withUnsafePointer(to: call) { call in
        let frame = unsafe CompiledFrame(call, .float32, on: kernels)
        return Attention(isCausal: false).scratch(for: frame)?.perThread ?? 0
      }
    }
    #expect(bytes(4096) > 0)
    #expect(bytes(8192) < 3 * bytes(4096))
  }
}
