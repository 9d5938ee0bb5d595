import Adjoint
import AdjointNN

extension GradientReport {
  /// What is wrong with a module before any gradient is: nil if `visit` names all of its tensors.
  static func ofUnvisited(_ module: some Module, name: String, seed: UInt64) -> GradientReport? {
    let paths = unvisitedProperties(of: module)
    guard !paths.isEmpty else { return nil }
    let findings = paths.map { path in
      Finding(
        verdict: .structural,
        message: "visit does not name \(path), which is neither trained, nor converted, nor saved; "
          + "name it with visitor.parameter or buffer, or the module that has it with child")
    }
    return GradientReport(
      name: name, seed: seed, findings: findings, results: [], notes: [], evaluations: 0)
  }
}
