import Adjoint
import AdjointFixtures

extension ConformanceCase {
  /// A node test of ONNX.
  init(_ node: OnnxCase) {
    self.init("onnx", node.description, node.operation) { dtype in
      try OnnxRun(node, dtype).comparisons()
    }
  }
}

/// A run of a graph of ONNX.
private struct OnnxRun {
  let node: OnnxCase
  let dtype: DType
  var values: [String: OnnxValue] = [:]
  private let tape: Tape?
  /// Whether the outputs follow from random numbers: those of Dropout in training.
  private var isRandom: Bool {
    node.isRandom || node.operation == "Dropout" && node.inputs.count > 2
  }

  init(_ node: OnnxCase, _ dtype: DType) throws {
    self.node = node
    self.dtype = dtype
    tape = node.nodes.contains { $0.operation == "Gradient" } ? Tape() : nil
    for (number, name) in node.inputs.enumerated() {
      let array = try node.input(number)
      if let tape, array.isReal {
        values[name] = .made(tape.watch(try array.tensor(dtype)))
      } else {
        values[name] = .array(array, dtype)
      }
    }
  }

  func comparisons() throws -> [Comparison] {
    var run = self
    for node in node.nodes {
      for (name, tensor) in zip(node.outputs, try run.outputs(of: node)) where !name.isEmpty {
        run.values[name] = .made(tensor)
      }
    }
    return try node.outputs.enumerated().map { number, name in
      let want = try node.output(number)
      guard let got = try run.values[name]?.tensor() else {
        return Comparison(array: name, error: .infinity, mark: 1)
      }
      return Comparison(array: name, error: error(of: got, want), mark: 1)
    }
  }

  private func outputs(of node: OnnxCase.Node) throws -> [Tensor] {
    let inputs = try node.inputs.map { name -> OnnxValue? in
      if name.isEmpty { return nil }
      guard let value = values[name] else { throw Unsupported("a value \(name) of nothing") }
      return value
    }
    if node.operation == "Gradient" { return try gradients(node) }
    guard let function = OnnxOperators.all[node.operation] else {
      throw Unsupported(node.operation)
    }
    return try function(
      OnnxCall(node: node, version: self.node.version, dtype: dtype, values: inputs))
  }

  /// The gradients of a value by others.
  private func gradients(_ node: OnnxCase.Node) throws -> [Tensor] {
    guard let tape, case .texts(let names) = node.attributes["xs"],
      let y = try node.attributes["y"]?.text.flatMap({ try values[$0]?.tensor() })
    else { throw Unsupported("Gradient of nothing") }
    let xs = try names.compactMap { try values[$0]?.tensor() }
    return tape.gradients(of: [y], seeds: [.ones(like: y)], with: xs, recording: true)
  }

  /// The largest error of an element, as a share of what ONNX allows. What another generator of random numbers has
  /// dropped is 0 in one and not in the other; what neither has is compared.
  private func error(of got: Tensor, _ want: FixtureArray) -> Double {
    guard got.shape == want.shape, got.dtype.isFloatingPoint == want.isReal else {
      return .infinity
    }
    let numbers = want.numbers
    let bound = numbers.map { node.tolerance.absolute + node.tolerance.relative * abs($0) }
    return zip([Double](got), zip(numbers, bound)).reduce(0) { worst, element in
      let (got, (want, bound)) = element
      if got == want || got.isNaN && want.isNaN { return worst }
      if isRandom, got == 0 || want == 0 { return worst }
      let error = abs(got - want) / bound
      return error.isNaN || !want.isFinite ? .infinity : max(worst, error)
    }
  }
}
