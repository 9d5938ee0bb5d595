import Testing

@testable import Adjoint

@Suite("Attention by blocks of queries")
struct AttentionKernelTests {
  /// Queries in several blocks, the last of which is not full, and groups that share keys.
  static let shapes = [
    (q: [2, 150, 5], k: [2, 70, 5], values: 3), (q: [4, 64, 8], k: [2, 65, 8], values: 8),
    (q: [3, 65, 1], k: [1, 200, 1], values: 17),
  ]

  @Test("Each is what the reference computes", arguments: shapes.indices)
  func blocks(_ index: Int) {
    let (q, k, values) = Self.shapes[index]
    for isCausal in [false, true] {
      let inputs = [
        Tensor.sample(q), .sample(k, seed: 2), .sample([k[0], k[1], values], seed: 3),
        .sample([q[0], q[1], values], seed: 4),
      ]
      expectClose(Attention(isCausal: isCausal), Array(inputs[..<3]))
      expectClose(AttentionGradient(isCausal: isCausal), inputs)
    }
  }

  /// Sums of at most 200 products of numbers of about 1, which the reference keeps in float64.
  private func expectClose(_ operation: some Adjoint.Operation, _ inputs: [Tensor]) {
    // Of numbers that both types hold.
    let narrow = inputs.map { $0.cast(to: .float32) }
    let wide = narrow.map { $0.cast(to: .float64) }
    let want = operation.computed(from: wide, on: .reference).map { [Double]($0) }
    for (inputs, unit) in [(wide, Double.ulpOfOne), (narrow, Double(Float.ulpOfOne))] {
      for instructions in compiled {
        let got = operation.computed(from: inputs, on: instructions).map { [Double]($0) }
        for (got, want) in zip(got, want) {
          let largest = want.map(abs).max() ?? 0
          let errors = zip(got, want).map { abs($0 - $1) }
          #expect(
            (errors.max() ?? 0) <= 200 * unit * max(1, largest),
            "\(operation.name) \(operation.attributes) \(inputs[0].type) on \(instructions)")
        }
      }
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
