import Adjoint

/// The check of a function and, for second order, of its pullback; collects the report.
struct FunctionCheck {
  private let name: String
  private let seed: UInt64
  private(set) var findings: [Finding] = []
  private(set) var results: [InputResult] = []
  private var evaluations = 0

  init(name: String, seed: UInt64) {
    self.name = name
    self.seed = seed
  }

  var report: GradientReport {
    GradientReport(
      name: name, seed: seed, findings: findings, results: results, evaluations: evaluations)
  }

  /// Checks the gradients of a function at float64 inputs.
  mutating func run(
    _ function: @escaping ([Tensor]) -> [Tensor], at inputs: [Tensor], names: [String], order: Int
  ) {
    if let missing = Subject.record(function, inputs, on: .forInspection()).tape.missingKernel() {
      let remedy = "gradients are checked in float64: make the kernel generic over RealScalar"
      findings.append(Finding(verdict: .structural, message: "\(missing); \(remedy)"))
      return
    }
    var generator = Philox(seed: seed, draw: UInt64(order) << 48)
    let subject = Subject(function, at: inputs, using: &generator)
    defer { evaluations += subject.evaluations }
    var problems: [String] = []
    let gradients = subject.gradients(problems: &problems)
    guard problems.isEmpty else {
      findings += Set(problems).sorted().map { Finding(verdict: .structural, message: $0) }
      return
    }
    var structure = Structure(subject, gradients, names: names, seed: seed)
    structure.run()
    findings += structure.findings
    guard structure.findings.isEmpty else { return }
    let perturbed = perturbedGradients(subject, using: &generator)
    for (index, gradient) in gradients.enumerated() {
      guard let gradient else { continue }
      var check = InputCheck(
        subject, index, name: names[index], order: order, gradient: gradient,
        perturbed: perturbed.map { $0[index] ?? gradient }, seed: seed)
      results.append(check.run())
    }
    // Exact where finite differences are not: for what they have not found wrong.
    if results.allSatisfy({ $0.verdict != .fail }) { findings += structure.adjointTest() }
  }

  /// The second derivative is symmetric: ⟨H·u, v⟩ = ⟨u, H·v⟩ for Φ = Σ ⟨w, f⟩.
  mutating func checkSymmetry(_ function: @escaping ([Tensor]) -> [Tensor], at inputs: [Tensor]) {
    var generator = Philox(seed: seed, draw: 3 << 48)
    let cotangents = function(inputs).map { output in
      output.dtype.isFloatingPoint
        ? Tensor.normal(output.shape, dtype: .float64, using: &generator) : nil
    }
    func direction() -> [Tensor] {
      inputs.filter(\.dtype.isFloatingPoint).map {
        Tensor.normal($0.shape, dtype: .float64, using: &generator)
      }
    }
    func product(along direction: [Tensor]) -> [Tensor] {
      let (tape, outputs) = Subject.record(function, inputs)
      let watched = tape.watchedTensors
      let pairs = zip(outputs, cotangents).filter { $0.0.tape != nil && $0.1 != nil }
      let gradients = tape.gradients(
        of: pairs.map(\.0), seeds: pairs.map(\.1), with: watched, recording: true)
      let slope = zip(gradients, direction).map { ($0 * $1).sum() }
        .reduce(Tensor(0, dtype: .float64), +)
      return tape.gradients(of: tape.constant(slope), with: watched)
    }
    func terms(_ a: [Tensor], _ b: [Tensor]) -> [Double] {
      zip(a, b).flatMap { zip([Double]($0), [Double]($1)).map { $0 * $1 } }
    }
    let (u, v) = (direction(), direction())
    let (left, right) = (terms(product(along: u), v), terms(product(along: v), u))
    let (a, b) = (left.reduce(0, +), right.reduce(0, +))
    let size = (left + right).reduce(0) { $0 + abs($1) }
    evaluations += 2
    // The terms cancel each other; a second derivative that forgets a use is off by their size.
    guard abs(a - b) > 1e-8 * size else { return }
    let message = "the second derivative is not symmetric: ⟨Hu, v⟩ = \(a), ⟨u, Hv⟩ = \(b)"
    findings.append(Finding(verdict: .structural, message: message))
  }

  /// Compares the function in float32 with itself in float64: float32 is never differenced.
  mutating func runInSinglePrecision(
    _ function: @escaping ([Tensor]) -> [Tensor], at inputs: [Tensor]
  ) {
    let single = inputs.map { $0.dtype.isFloatingPoint ? $0.cast(to: .float32) : $0 }
    let recorded = Subject.record(function, single, on: .forInspection())
    guard recorded.tape.missingKernel() == nil else { return }
    let precision = checkSinglePrecision(at: inputs, seed: seed, of: function)
    for comparison in precision.comparisons where !(comparison.error <= comparison.tolerance) {
      let message =
        "in float32 \(comparison.what) is off by \(comparison.error.brief), where rounding explains "
        + "\(comparison.tolerance.brief); in float64 it is right"
      findings.append(Finding(verdict: .fail, message: message))
    }
  }

  /// What conditioning alone moves: the gradients at inputs that differ by two units in the last
  /// place.
  private func perturbedGradients(
    _ subject: Subject, using generator: inout Philox
  ) -> [[[Double]?]] {
    (0..<3).map { _ in
      let inputs = subject.inputs.map { $0.perturbed(using: &generator) }
      var ignored: [String] = []
      return subject.gradients(at: inputs, problems: &ignored)
    }
  }
}
