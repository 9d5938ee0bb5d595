import Adjoint

/// What ``Module/visit(_:)`` names its tensors and children to.
public struct Visitor {
  private let onTensor: (String, Role, inout Tensor) -> Void
  private let onModule: (String, inout any Module) -> Void
  private let seesModules: Bool
  private let onRange: (String, ClosedRange<Double>) -> Void
  /// Whether anyone wants to know paths, which take longer to put together than all the rest.
  @usableFromInline let namesPaths: Bool
  private var prefix = ""
  private var isFrozen = false
  /// Whether frozen parameters are shown as such, and not as buffers.
  private let thaws: Bool

  init(
    onTensor: @escaping (String, Role, inout Tensor) -> Void,
    onModule: ((String, inout any Module) -> Void)? = nil,
    onRange: @escaping (String, ClosedRange<Double>) -> Void = { _, _ in },
    namesPaths: Bool = true, thaws: Bool = false
  ) {
    self.thaws = thaws
    self.onTensor = onTensor
    self.namesPaths = namesPaths
    self.onModule = onModule ?? { _, _ in }
    seesModules = onModule != nil
    self.onRange = onRange
  }

  /// Names a tensor that optimizers change.
  public mutating func parameter(_ name: String, _ tensor: inout Tensor) {
    onTensor(path(name), isFrozen && !thaws ? .buffer : .parameter, &tensor)
  }

  /// Names a tensor that optimizers change, if the module has it.
  public mutating func parameter(_ name: String, _ tensor: inout Tensor?) {
    if tensor != nil { parameter(name, &tensor!) }
  }

  /// Names a tensor that is state, and not trained, and the range that its numbers are in, if there is one: a state
  /// with others is not loaded.
  public mutating func buffer(
    _ name: String, _ tensor: inout Tensor, within range: ClosedRange<Double>? = nil
  ) {
    let path = path(name)
    if let range { onRange(path, range) }
    onTensor(path, .buffer, &tensor)
  }

  /// Names a tensor that is state, and not trained, if the module has it, and the range that its numbers are in.
  public mutating func buffer(
    _ name: String, _ tensor: inout Tensor?, within range: ClosedRange<Double>? = nil
  ) {
    if tensor != nil { buffer(name, &tensor!, within: range) }
  }

  /// The path of what has a name here.
  private func path(_ name: String) -> String {
    guard namesPaths else { return "" }
    requireName(name)
    return prefix + name
  }

  /// Stops at a name that tells nothing apart.
  @usableFromInline
  func requireName(_ name: String) {
    require(
      !name.isEmpty,
      "visit: something has no name"
        + (prefix.isEmpty ? "" : " in \(prefix.dropLast())") + "; give each tensor and child one")
  }

  /// Names a module inside the module; what it names is called after it, as in `hidden.weight`.
  @inlinable
  public mutating func child<Child: Module>(_ name: String, _ child: inout Child) {
    requireValue(Child.self)
    if namesPaths {
      visit(name, &child)
    } else {
      child.visit(&self)
    }
  }

  /// Lets a module name what it has, each with a path that begins with its own name.
  @usableFromInline
  mutating func visit<Child: Module>(_ name: String, _ child: inout Child) {
    requireName(name)
    let outer = prefix
    prefix += name
    show(&child)
    prefix += "."
    child.visit(&self)
    prefix = outer
  }

  /// Shows a module whose path is the prefix to who wants to see modules.
  private func show<Child: Module>(_ child: inout Child) {
    guard seesModules else { return }
    var module: any Module = child
    onModule(prefix, &module)
    if let changed = module as? Child { child = changed }
  }

  /// Names a module inside the module, if there is one.
  @inlinable
  public mutating func child<Child: Module>(_ name: String, _ child: inout Child?) {
    if child != nil { self.child(name, &child!) }
  }

  /// Names modules inside the module, numbered from 0: `blocks.0`, `blocks.1`, ….
  @inlinable
  public mutating func children<Child: Module>(_ name: String, _ children: inout [Child]) {
    if namesPaths { requireName(name) }
    for index in children.indices {
      child(namesPaths ? "\(name).\(index)" : "", &children[index])
    }
  }

  /// Names a module inside the module that is not trained, such as a target network: its parameters count as
  /// buffers.
  public mutating func frozen<Child: Module>(_ name: String, _ child: inout Child) {
    let outer = isFrozen
    isFrozen = true
    self.child(name, &child)
    isFrozen = outer
  }

  /// Names what a module names under its own path: to names a layer and what wraps it are one.
  mutating func wrapped<Child: Module>(_ child: inout Child) {
    let path = prefix
    if prefix.hasSuffix(".") { prefix.removeLast() }
    show(&child)
    prefix = path
    child.visit(&self)
  }

  /// Names what a wrapped module names, with its parameters as buffers: optimizers leave them.
  mutating func frozen<Child: Module>(_ child: inout Child) {
    let outer = isFrozen
    isFrozen = true
    wrapped(&child)
    isFrozen = outer
  }
}

/// Stops at a module that is no value.
@inlinable
func requireValue<Checked: Module>(_ type: Checked.Type) {
  require(
    !(type is AnyObject.Type),
    "visit: \(type) is a class, which copies of a model would share; make it a struct")
}
