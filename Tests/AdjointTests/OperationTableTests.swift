import AdjointCheck
import AdjointFixtures
import Testing

@testable import Adjoint

/// A sample of the table, as an argument of a test.
struct TableSample: CustomTestStringConvertible, Sendable {
  let type: any Operation.Type
  let sample: Sample
  /// Whether it is the first of its type.
  let isFirst: Bool

  var testDescription: String { "\(sample.operation.name): \(sample.label)" }

  static let all = Operations.all.flatMap { type in
    type.samples.enumerated().map {
      TableSample(type: type, sample: $1, isFirst: $0 == 0)
    }
  }
  static let smooth = all.filter(\.sample.isSmooth)

  /// Whether models are written in the operation: it is not part of a derivative, nor of an optimizer.
  var isOfModels: Bool {
    !["Pullback", "Gradient", "Step"].contains(where: sample.operation.name.hasSuffix)
  }
}

extension CheckOptions {
  /// For hundreds of functions in a debug build: in large inputs a few elements, and mixtures that see all.
  static let forMany = CheckOptions(exhaustiveCount: 4, directions: 2, elements: 3)
}

@Suite("The table of operations")
struct OperationTableTests {
  @Test(
    "The pullback agrees with finite differences, in first and second order",
    arguments: TableSample.smooth)
  func pullbackAgrees(_ row: TableSample) {
    // The second order once for each operation that models are written in: `checker-score` tries it at every
    // sample of all, in a release build.
    let report = checkGradients(
      of: row.sample.operation, at: row.sample.inputs,
      order: row.isFirst && row.isOfModels ? 2 : 1, options: .forMany)
    let problems = report.problems.filter { $0.verdict != .vacuous }
    // Of empty samples nothing can be compared.
    let findings = report.findings.filter { $0.verdict != .vacuous }
    #expect(problems.isEmpty && findings.isEmpty, "\(row.testDescription)\n\(report)")
    #expect(report.results.count > 0)
  }

  @Test("Float32 agrees with float64", arguments: TableSample.all)
  func singlePrecision(_ row: TableSample) {
    let operation = row.sample.operation
    let report = checkSinglePrecision(at: row.sample.inputs, name: row.testDescription) {
      operation.outputs(of: $0)
    }
    #expect(report.passed, "\(report)")
  }

  @Test("The kernel writes every element of every output", arguments: TableSample.all)
  func kernelWritesAll(_ row: TableSample) {
    let operation = row.sample.operation
    let inputs = row.sample.inputs
    let types = operation.outputTypes(for: inputs.map(\.type))
    guard operation.repetition(of: inputs[0].type) == nil else { return }
    // Memory that holds two different values beforehand must hold the same ones afterwards.
    let results = [1.0, -2.0].map { filler in
      let outputs = types.map { Tensor.full($0.shape, filler, dtype: $0.dtype).storage }
      var call = KernelCall(
        inputs.map(\.storage), into: outputs, types: inputs.map(\.type) + types)
      operation.run(&call, on: .current)
      return zip(types, outputs).map { Tensor($0, $1) }
    }
    for (first, second) in zip(results[0], results[1]) {
      #expect("\([Double](first))" == "\([Double](second))", "\(row.testDescription)")
    }
  }

  @Test("The kernel leaves its inputs as they are", arguments: TableSample.all)
  func kernelKeepsInputs(_ row: TableSample) {
    let before = row.sample.inputs.map { [Double]($0) }
    _ = row.sample.operation.outputs(of: row.sample.inputs).map { [Double]($0) }
    let after = row.sample.inputs.map { [Double]($0) }
    #expect("\(before)" == "\(after)")
  }

  @Test("The pullback reads nothing that it does not declare", arguments: TableSample.all)
  func pullbackReads(_ row: TableSample) {
    // What a rule has not declared it gets as NaN: a gradient that is finite has read nothing else.
    let tape = Tape()
    let inputs = row.sample.inputs.map { $0.dtype.isFloatingPoint ? tape.watch($0) : $0 }
    let outputs = row.sample.operation.outputs(of: inputs).filter {
      $0.tape != nil && $0.dtype.isFloatingPoint
    }
    var generator = Philox(seed: 5)
    let seeds = outputs.map { Tensor.normal($0.shape, dtype: .float64, using: &generator) }
    let gradients = tape.gradients(
      of: outputs, seeds: seeds, with: inputs.filter { $0.tape != nil })
    for gradient in gradients {
      #expect([Double](gradient).allSatisfy { $0.isFinite }, "\(row.testDescription)\n\(gradient)")
    }
  }

  @Test("Any subset of inputs has the same gradients", arguments: TableSample.smooth)
  func subsets(_ row: TableSample) {
    let tape = Tape()
    let inputs = row.sample.inputs.map { $0.dtype.isFloatingPoint ? tape.watch($0) : $0 }
    let y = row.sample.operation.outputs(of: inputs)[0]
    let watched = inputs.filter { $0.tape != nil }
    var generator = Philox(seed: 6)
    let seed = Tensor.normal(y.shape, dtype: .float64, using: &generator)
    let together = tape.gradients(of: y, seed: seed, with: watched)
    for (input, gradient) in zip(watched, together) {
      #expect(tape.gradients(of: y, seed: seed, with: [input]) == [gradient])
      #expect(gradient.type == input.type)
    }
  }

  @Test("A fused kernel computes what its composition does", arguments: TableSample.all)
  func fusedEqualsComposed(_ row: TableSample) throws {
    guard let operation = row.sample.operation as? any FusedOperation else { return }
    let fused = operation.outputs(of: row.sample.inputs)
    let composed = operation.composed(row.sample.inputs)
    // Both round each of at most a few dozen operations; what that makes of a value grows with the
    // offset of x.
    let largest = row.sample.inputs.flatMap { [Double]($0) }.map(abs).max() ?? 0
    expectClose(fused, composed, tolerance: 64 * Double.ulpOfOne * max(1, largest))
  }
}

/// Expects outputs of the same types that are equal up to rounding, or unknown, as the statistics of
/// nothing are, in both.
private func expectClose(_ outputs: [Tensor], _ expected: [Tensor], tolerance: Double) {
  #expect(outputs.map(\.type) == expected.map(\.type))
  for (left, right) in zip(outputs, expected) {
    let areUnknown = ([Double](left) + [Double](right)).allSatisfy { $0.isNaN }
    #expect(left.isClose(to: right, relative: tolerance, absolute: tolerance) || areUnknown)
  }
}

@Suite("Spellings of fused operations")
struct PatternTests {
  @Test("Each computes what the definition does", arguments: TableSample.all)
  func agree(_ row: TableSample) {
    guard let operation = row.sample.operation as? any FusedOperation else { return }
    let inputs = row.sample.inputs
    let expected = operation.composed(inputs)
    // Rounding of the inputs grows by what an output is divided by, such as a deviation, whose inverse
    // is among the outputs.
    let largest = inputs.flatMap { [Double]($0) }.map(abs).filter(\.isFinite).max() ?? 0
    let growth = expected.flatMap { [Double]($0) }.map(abs).filter(\.isFinite).max() ?? 0
    let tolerance = 64 * Double.ulpOfOne * max(1, largest) * max(1, growth)
    for pattern in operation.patterns {
      expectClose(pattern(inputs), expected, tolerance: tolerance)
    }
  }

  @Test func batchNormIsKnownByTheFormulaOfThePaper() {
    #expect(BatchNormalization(axis: 1).patterns.count == 2)
  }
}

@Suite("Wrong operations that the table's tests must reject")
struct WrongOperationTests {
  /// Reads an input that it does not declare.
  struct UndeclaredRead: Operation {
    var name: String { "undeclaredRead" }
    var reads: Reads { .nothing }
    func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
    func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
      let x = frame.input(0)
      var y = frame.output(0)
      for i in x.indices { y[i] = x[i] * x[i] }
    }
    func pullback(_ rule: inout Pullback) {
      let (x, g) = (rule.input(0), rule.cotangent)
      rule.set(0, to: g * 2 * x)
    }
  }

  @Test func anUndeclaredReadGivesNaN() {
    let g = gradient(at: Tensor([1, 2])) { UndeclaredRead()($0).sum() }
    #expect([Float](g).allSatisfy { $0.isNaN })
  }

  /// Wrong at second order only: the gradient is right, but hides that it depends on x.
  struct HiddenDependence: Operation {
    var name: String { "hiddenDependence" }
    func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
    func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
      let x = frame.input(0)
      var y = frame.output(0)
      for i in x.indices { y[i] = x[i] * x[i] * x[i] }
    }
    func pullback(_ rule: inout Pullback) {
      let (x, g) = (rule.input(0), rule.cotangent)
      rule.set(0, to: g * 3 * x * x.stoppingGradient())
    }
  }

  @Test func aRuleThatIsWrongAtSecondOrderOnlyFailsThere() {
    let x = Tensor([0.5, -1.5])
    let report = checkGradients(of: HiddenDependence(), at: [x], order: 2)
    #expect(report.results.filter { $0.order == 1 }.allSatisfy { $0.verdict == .pass })
    #expect(report.results.contains { $0.order == 2 && $0.verdict == .fail })
  }
}

@Suite("The table is complete")
struct TableCompletenessTests {
  @Test func everyOperationHasSamplesAndMisuses() {
    for type in Operations.all {
      #expect(!type.samples.isEmpty, "\(type)")
      for input in type.samples.flatMap(\.inputs) { #expect(input.dtype != .float32, "\(type)") }
    }
    let names = Operations.all.flatMap { $0.samples.map(\.operation.name) }
    #expect(Set(names).count >= 60)
  }

  /// The conforming types are read off the sources: a type that is missing from the table cannot
  /// hide.
  @Test func everyConformingTypeIsInTheTable() throws {
    let sources = try SourceFiles.swift(in: "Sources/Adjoint")
    let table = Set(Operations.all.map { "\($0)" })
    var found = 0
    for source in sources {
      for match in source.text.matches(of: /(?:struct|enum) (\w+)(?:<[^>]*>)?: ([^{]*)\{/) {
        let (name, conformances) = (String(match.1), match.2.split(separator: /[ ,]+/))
        func conforms(_ name: String) -> Bool { conformances.contains { $0 == name } }
        func expect(_ entry: String) {
          #expect(table.contains(entry), "\(entry) is missing")
          found += 1
        }
        let isUnary = ["UnaryFunction", "CompiledUnaryFunction", "SlopedFunction"]
          .contains(where: conforms)
        if isUnary { expect("Unary<\(name)>") }
        if conforms("SlopedFunction") { expect("PointwisePullback<SlopePullback<\(name)>>") }
        if conforms("BinaryFunction") || conforms("CompiledBinaryFunction") {
          expect("Binary<\(name)>")
        }
        if conforms("PullbackFunction"), name != "SlopePullback" {
          expect("PointwisePullback<\(name)>")
        }
        let isOperation = [
          "Operation", "FusedOperation", "InstructionOperation", "LinearOperation",
        ].contains(where: conforms)
        // The generic ones are there with their functions.
        if isOperation, match.0.hasPrefix("struct"), !match.0.contains("<") { expect(name) }
      }
    }
    // Examples in doc comments are not conforming types of the package.
    #expect(found >= Operations.all.count)
  }
}
