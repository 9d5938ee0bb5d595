import Testing

@testable import Adjoint

/// Pointwise operations that are evaluated together compute what each of them computes alone, bit for bit.
@Suite("Chains of pointwise operations")
struct ChainTests {
  /// Worth a chain, and no multiple of a piece, a block, or a row.
  static let (rows, columns) = (37, 1237)

  /// What random functions are made of: tensors of [rows, columns] in, one out.
  static let parts: [@Sendable (Tensor, Tensor) -> Tensor] = [
    { a, b in a + b }, { a, b in a - b }, { a, b in a * b.tanh() }, { a, b in .maximum(a, b) },
    { a, _ in (-a.magnitude()).exp() }, { a, _ in a.sigmoid() }, { a, _ in a.tanh() * 1.7 + 0.3 },
    { a, _ in a.relu() }, { a, _ in a.gelu() },
    { a, b in a.select(where: b .> 0.1, otherwise: b * 0.5) },
    { a, _ in a.cast(to: .float64).sin().cast(to: a.dtype) },
    // A number, a row, a column, of which the first two wait for a sum.
    { a, b in a + b.mean() }, { a, b in a * b.mean(over: 0).tanh() },
    { a, b in (a - b.max(over: 1, keepingAxes: true)) * 0.25 },
    { a, b in a * b.reshaped(to: [columns, rows]).slice(0..<1, along: 0).sum() },
  ]

  /// A function of so many parts, each of two values before it.
  static func function(seed: UInt64, length: Int) -> @Sendable (Tensor, Tensor) -> [Tensor] {
    var generator = Philox(seed: seed)
    func draw(_ count: Int) -> Int {
      min(
        count - 1,
        Int(
          [Double](Tensor.uniform([1], in: 0..<Double(count), dtype: .float64, using: &generator))[
            0]))
    }
    let steps = (0..<length).map { (part: draw(parts.count), a: draw($0 + 2), b: draw($0 + 2)) }
    return { x, y in
      var values = [x, y]
      for step in steps { values.append(parts[step.part](values[step.a], values[step.b])) }
      return Array(values.suffix(3))
    }
  }

  static func inputs(_ dtype: DType) -> [Tensor] {
    var generator = Philox(seed: 8)
    return (0..<2).map { _ in .normal([rows, columns], dtype: dtype, using: &generator) }
  }

  @Test("Values are those of single operations", arguments: 0..<12 as Range<UInt64>)
  func values(seed: UInt64) {
    let inputs = Self.inputs(seed.isMultiple(of: 3) ? .float64 : .float32)
    let function = Self.function(seed: seed, length: 24)
    let alone = function(inputs[0], inputs[1])
    for shares in [1, 3] {
      withThreads(shares) {
        let tape = Tape()
        let together = function(tape.watch(inputs[0]), tape.watch(inputs[1]))
        for (got, want) in zip(together, alone) { #expect(got.bits == want.bits, "seed \(seed)") }
      }
    }
  }

  @Test("Gradients are those of single operations", arguments: 0..<8 as Range<UInt64>)
  func gradients(seed: UInt64) {
    let inputs = Self.inputs(seed.isMultiple(of: 3) ? .float64 : .float32)
    let function = Self.function(seed: seed, length: 16)
    func gradients(on tape: Tape) -> [Tensor] {
      let inputs = inputs.map { tape.watch($0) }
      let value = function(inputs[0], inputs[1]).map { ($0 * 0.1).sin().sum() }.reduce(
        Tensor(0, dtype: inputs[0].dtype), +)
      return [value] + tape.gradients(of: value, with: inputs)
    }
    // Where each result may be altered, there are no chains.
    let alone = gradients(on: .recording(in: inputs[0].dtype, altering: { $0 }))
    for (got, want) in zip(gradients(on: Tape()), alone) {
      #expect(got.bits == want.bits, "seed \(seed)")
    }
  }

  @Test("What others read of a chain is kept, and the rest is not")
  func keeping() throws {
    let tape = Tape()
    let x = tape.watch(Self.inputs(.float32)[0])
    let kept = x.tanh() * 2
    let result = (kept + 1).exp() * kept.sum()
    let numbers = [result, kept].map { $0.number(on: tape)! }
    let (graph, known) = (tape.graph, tape.known)
    var evaluation = Evaluation(of: numbers, in: graph, known: known, forgettingFrom: 0)
    // tanh, · 2, + 1 and exp; the sum waits, and the last product is alone.
    let isChain = evaluation.runChain(on: tape)
    #expect(isChain)
    #expect(evaluation.pending.count == 3)
    let isKept = (graph.entries.first!.outputs.lowerBound..<numbers[0]).filter {
      evaluation.computed[$0] != nil
    }
    let exponential = try #require(graph.entries.first { $0.operation.name == "exp" }).outputs
      .lowerBound
    #expect(isKept == [numbers[1], exponential].sorted())
    let isOther = evaluation.runChain(on: tape)
    #expect(!isOther)
  }

  @Test("Few elements, integers and operations of users make no chain")
  func others() {
    func makesChain(_ x: Tensor, _ function: (Tensor) -> Tensor) -> Bool {
      let tape = Tape()
      let y = function(tape.constant(x))
      let known = tape.known
      var evaluation = Evaluation(
        of: [y.number(on: tape)!], in: tape.graph, known: known, forgettingFrom: 0)
      return evaluation.runChain(on: tape)
    }
    #expect(makesChain(.ones([1 << 14])) { $0.exp().tanh() })
    #expect(!makesChain(.ones([1 << 13])) { $0.exp().tanh() })
    #expect(!makesChain(.ones([1 << 14])) { $0.exp().sum() })
    #expect(!makesChain(.ones([1 << 14], dtype: .int32)) { ($0 + $0) * $0 })
    #expect(!makesChain(.ones([1 << 14])) { Unary<Cubed>()(Unary<Cubed>()($0)) })
  }

  @Test("A cotangent of zeros changes nothing beside another")
  func zerosBesideOthers() {
    let tape = Tape()
    let x = tape.watch(Self.inputs(.float32)[0])
    let (a, b) = (x.tanh(), x.sigmoid())
    // Elements that happen to be zeros, not ones that are known to be.
    let (one, zero) = (
      Tensor.ones(like: a), Tensor([Float](repeating: 0, count: b.count), shape: b.shape)
    )
    let gradients = { tape.gradients(of: [a, b], seeds: [$0, $1], with: [x])[0] }
    #expect(gradients(one, zero).bits == tape.gradients(of: a, seed: one, with: [x])[0].bits)
    #expect(gradients(zero, one).bits == tape.gradients(of: b, seed: one, with: [x])[0].bits)
  }

  @Test("A cotangent of zeros gives zeros in a chain, even where derivatives are infinite")
  func zeroCotangents() {
    let x = Tensor.zeros([1 << 15])
    let gradient = gradient(at: x) { x in
      let y = x.squareRoot() * 2
      return (y * Tensor.zeros(like: x) + x).sum()
    }
    #expect([Float](gradient).allSatisfy { $0 == 1 })
  }
}

extension Tape {
  fileprivate var known: [Known] { withRecord { record, _ in record.known } }
}

private enum Cubed: UnaryFunction {
  static let name = "cubed"
  static func value<Scalar: RealScalar>(_ x: Scalar) -> Scalar { x * x * x }
  static func pullback(_ g: Tensor, x: Tensor, y: Tensor) -> Tensor? { g.scaled(by: 3 * x * x) }
}
