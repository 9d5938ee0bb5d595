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
    if let missing = Subject.record(function, inputs).tape.missingKernel() {
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

  /// Compares the function in float32 with itself in float64: float32 is never differenced.
  mutating func runInSinglePrecision(
    _ function: @escaping ([Tensor]) -> [Tensor], at inputs: [Tensor]
  ) {
    let single = inputs.map { $0.dtype.isFloatingPoint ? $0.cast(to: .float32) : $0 }
    guard Subject.record(function, single).tape.missingKernel() == nil else { return }
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
      let inputs = subject.inputs.map { input in
        guard input.dtype.isFloatingPoint else { return input }
        let sign = Tensor.normal(input.shape, dtype: .float64, using: &generator).sign()
        return input * (1 + sign * (2 * Double.ulpOfOne))
      }
      var ignored: [String] = []
      return subject.gradients(at: inputs, problems: &ignored)
    }
  }
}
