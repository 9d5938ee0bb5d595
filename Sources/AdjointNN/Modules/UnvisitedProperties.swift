import Adjoint

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

/// Returns the paths that the `visit` of a module gives to more than one tensor.
package func repeatedNames(in module: some Module) -> [String] {
  var (seen, repeated, module): (Set<String>, [String], _) = ([], [], module)
  module.forEachTensor { path, _, _ in
    if !seen.insert(path).inserted, !repeated.contains(path) { repeated.append(path) }
  }
  return repeated
}

/// Returns the paths of the modules inside a module that its `visit` forgets: of whose tensors it names none.
func forgottenModules(in module: some Module) -> [String] {
  let mark = Tensor([0])
  var marked = module
  marked.leaves { _, tensor in tensor = mark }
  var forgotten: [String] = []
  forEachModule(in: marked, "") { path, child in
    var (count, markedCount, child) = (0, 0, child)
    child.leaves { _, tensor in
      count += 1
      if tensor.isSameValue(as: mark) { markedCount += 1 }
    }
    let isForgotten = count > 0 && markedCount == 0
    if isForgotten { forgotten.append(path) }
    return !isForgotten
  }
  return forgotten
}

/// Calls `body` with the modules that a value's properties hold, and, where it returns true, with those
/// inside.
private func forEachModule(
  in value: Any, _ path: String, _ body: (String, any Module) -> Bool
) {
  forEachProperty(of: value, path) { path, property in
    if let module = property as? any Module, !body(path, module) { return }
    forEachModule(in: property, path, body)
  }
}

/// Whether a value is a module, or of a kind that may hold some.
private func mayHoldModules(_ value: Any, _ mirror: Mirror) -> Bool {
  switch mirror.displayStyle {
  case .optional, .tuple, .collection, .dictionary: true
  default: value is any Module
  }
}

/// Calls `body` with what modules, optionals, tuples, arrays and dictionaries hold, each with its path.
private func forEachProperty(of value: Any, _ path: String, _ body: (String, Any) -> Void) {
  let mirror = Mirror(reflecting: value)
  guard mayHoldModules(value, mirror) else { return }
  if mirror.displayStyle == .collection, let first = mirror.children.first?.value {
    // Not through a table of a million numbers.
    guard first is Tensor || mayHoldModules(first, Mirror(reflecting: first)) else { return }
  }
  for (number, child) in mirror.children.enumerated() {
    if mirror.displayStyle == .optional {
      body(path, child.value)
    } else if mirror.displayStyle == .dictionary,
      let pair = child.value as? (key: AnyHashable, value: Any)
    {
      body("\(path).\(pair.key)", pair.value)
    } else {
      let label = child.label.map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 } ?? "\(number)"
      body(path.isEmpty ? label : "\(path).\(label)", child.value)
    }
  }
}

private func unmarked(in value: Any, _ path: String, _ mark: Tensor) -> [String] {
  if let tensor = value as? Tensor { return tensor.isSameValue(as: mark) ? [] : [path] }
  var found: [String] = []
  forEachProperty(of: value, path) { path, property in
    found += unmarked(in: property, path, mark)
  }
  return found
}
