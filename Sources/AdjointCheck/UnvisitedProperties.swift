import Adjoint
import AdjointNN

/// Returns the paths of the stored tensors of a module that its `visit` does not name.
///
/// What is not named is neither trained, nor converted, nor saved. The tensors are found by reflection: those
/// of the module itself and of the modules inside, also optional ones and those in arrays, dictionaries and
/// tuples. What a property of another type holds is its own affair.
///
/// ```swift
/// precondition(unvisitedProperties(of: model).isEmpty)
/// ```
public func unvisitedProperties(of module: some Module) -> [String] {
  // Every tensor that visit names is replaced: those that are still others have not been named.
  let mark = Tensor([0])
  var marked = module
  marked.forEachTensor { _, _, tensor in tensor = mark }
  return unmarked(in: marked, "", mark)
}

private func unmarked(in value: Any, _ path: String, _ mark: Tensor) -> [String] {
  if let tensor = value as? Tensor { return tensor.isSameValue(as: mark) ? [] : [path] }
  let mirror = Mirror(reflecting: value)
  switch mirror.displayStyle {
  case .optional, .tuple, .collection, .dictionary: break
  default: guard value is any Module else { return [] }
  }
  return mirror.children.enumerated().flatMap { number, child -> [String] in
    if mirror.displayStyle == .optional { return unmarked(in: child.value, path, mark) }
    if mirror.displayStyle == .dictionary, let pair = child.value as? (key: AnyHashable, value: Any)
    {
      return unmarked(in: pair.value, "\(path).\(pair.key)", mark)
    }
    let label = child.label.map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 } ?? "\(number)"
    return unmarked(in: child.value, path.isEmpty ? label : "\(path).\(label)", mark)
  }
}

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
    return GradientReport(name: name, seed: seed, findings: findings, results: [], evaluations: 0)
  }
}
