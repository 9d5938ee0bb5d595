import Adjoint
import AdjointNN

extension GradientReport {
  /// What is wrong with a module before any gradient is: nil if `visit` names all of its tensors.
  static func ofUnvisited(_ module: some Module, name: String, seed: UInt64) -> GradientReport? {
    let forgotten = unvisitedProperties(of: module).map { path in
      "visit does not name \(path), which is neither trained, nor converted, nor saved; "
        + "name it with visitor.parameter or buffer, or the module that has it with child"
    }
    let repeated = repeatedNames(in: module).map { path in
      "visit names two tensors \(path); give each a name of its own"
    }
    guard !(forgotten + repeated).isEmpty else { return nil }
    let findings = (forgotten + repeated).map { Finding(verdict: .structural, message: $0) }
    return GradientReport(
      name: name, seed: seed, findings: findings, results: [], notes: [], evaluations: 0)
  }
}
