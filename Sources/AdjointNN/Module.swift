import Adjoint

/// A value with tensors that training changes: a layer, or a model made of layers.
///
/// The one requirement names every parameter, buffer and child, in order. From it follow gradients
/// of the module's own type, optimizers, conversion to another element type, summaries and
/// checkpoints.
///
/// A tensor may be named twice, as where two layers share a weight: it is one parameter, which counts once
/// and is trained once, and goes by its first name.
///
/// ```swift
/// struct Classifier: Layer {
///   var hidden: Linear, norm: BatchNorm, output: Linear
///
///   mutating func visit(_ visitor: inout Visitor) {
///     visitor.child("hidden", &hidden)
///     visitor.child("norm", &norm)
///     visitor.child("output", &output)
///   }
/// }
/// ```
public protocol Module: Sendable {
  /// Names every parameter, buffer and child of the module to the visitor, always in the same
  /// order.
  mutating func visit(_ visitor: inout Visitor)
}

/// What a tensor of a module is for.
public enum Role: Sendable {
  /// Changed by optimizers, along the gradient.
  case parameter
  /// State that is saved but not trained: running statistics, random keys.
  case buffer
}

/// What ``Module/visit(_:)`` names its tensors and children to.
public struct Visitor {
  private let onTensor: (String, Role, inout Tensor) -> Void
  private let onModule: (String, inout any Module) -> Void
  private let seesModules: Bool
  /// Whether anyone wants to know paths, which take longer to put together than all the rest.
  @usableFromInline let namesPaths: Bool
  private var prefix = ""
  private var isFrozen = false

  init(
    onTensor: @escaping (String, Role, inout Tensor) -> Void,
    onModule: ((String, inout any Module) -> Void)? = nil, namesPaths: Bool = true
  ) {
    self.onTensor = onTensor
    self.namesPaths = namesPaths
    self.onModule = onModule ?? { _, _ in }
    seesModules = onModule != nil
  }

  /// Names a tensor that optimizers change.
  public mutating func parameter(_ name: String, _ tensor: inout Tensor) {
    onTensor(path(name), isFrozen ? .buffer : .parameter, &tensor)
  }

  /// Names a tensor that optimizers change, if the module has it.
  public mutating func parameter(_ name: String, _ tensor: inout Tensor?) {
    if tensor != nil { parameter(name, &tensor!) }
  }

  /// Names a tensor that is state, and not trained.
  public mutating func buffer(_ name: String, _ tensor: inout Tensor) {
    onTensor(path(name), .buffer, &tensor)
  }

  /// The path of what has a name here.
  private func path(_ name: String) -> String { namesPaths ? prefix + name : "" }

  /// Names a module inside the module; what it names is called after it, as in `hidden.weight`.
  @inlinable
  public mutating func child<Child: Module>(_ name: String, _ child: inout Child) {
    if namesPaths {
      visit(name, &child)
    } else {
      child.visit(&self)
    }
  }

  /// Lets a module name what it has, each with a path that begins with its own name.
  @usableFromInline
  mutating func visit<Child: Module>(_ name: String, _ child: inout Child) {
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
    for index in children.indices {
      child(namesPaths ? "\(name).\(index)" : "", &children[index])
    }
  }

  /// Names what a module names under its own path, with its parameters as buffers: optimizers leave
  /// them.
  mutating func frozen<Child: Module>(_ child: inout Child) {
    let (path, outer) = (prefix, isFrozen)
    if prefix.hasSuffix(".") { prefix.removeLast() }
    show(&child)
    prefix = path
    isFrozen = true
    child.visit(&self)
    isFrozen = outer
  }
}

extension Module {
  /// Calls `body` with the path, the role and the place of every tensor, in the order of `visit`.
  public mutating func forEachTensor(_ body: (String, Role, inout Tensor) -> Void) {
    withoutActuallyEscaping(body) { body in
      var visitor = Visitor(onTensor: body)
      visit(&visitor)
    }
  }

  /// Calls `body` with the role and the place of every tensor, in the order of `visit`: the one traversal
  /// from which gradients, optimizers and conversions get the tensors of a model, and by which they set
  /// them.
  mutating func leaves(_ body: (Role, inout Tensor) -> Void) {
    withoutActuallyEscaping(body) { body in
      var visitor = Visitor(
        onTensor: { _, role, tensor in body(role, &tensor) }, namesPaths: false)
      visit(&visitor)
    }
  }

  /// Calls `body` with the role and the place of every tensor but some, which have these places in the order of
  /// `visit`: those that are named again.
  mutating func leaves(besides repeats: Set<Int>, _ body: (Role, inout Tensor) -> Void) {
    if repeats.isEmpty { return leaves(body) }
    var place = 0
    leaves { role, tensor in
      if !repeats.contains(place) { body(role, &tensor) }
      place += 1
    }
  }

  /// Calls `body` with the path, the role and the value of every tensor, once however often it is named, and with
  /// its first path, if anyone wants paths.
  consuming func forEachValue(namingPaths: Bool, _ body: (String, Role, Tensor) -> Void) {
    // What has been seen is replaced: no tensor of a module is of this type.
    let seen = Tensor.zeros([0], dtype: .bool)
    withoutActuallyEscaping(body) { body in
      var visitor = Visitor(
        onTensor: { path, role, tensor in
          if tensor.type != seen.type { body(path, role, tensor) }
          tensor = seen
        }, namesPaths: namingPaths)
      visit(&visitor)
    }
  }

  /// Calls `body` with the path and the place of every module inside of one type, in the order of
  /// `visit`.
  ///
  /// ```swift
  /// model.forEach(BatchNorm.self) { path, norm in norm.averaging = .cumulative }
  /// ```
  public mutating func forEach<Wanted: Module>(
    _ type: Wanted.Type, _ body: (String, inout Wanted) -> Void
  ) {
    forEachModule { path, module in
      if var wanted = module as? Wanted {
        body(path, &wanted)
        module = wanted
      }
    }
  }

  /// Calls `body` with the path and the place of this module, whose path is empty, and of every
  /// module inside.
  mutating func forEachModule(_ body: (String, inout any Module) -> Void) {
    var module: any Module = self
    body("", &module)
    if let changed = module as? Self { self = changed }
    withoutActuallyEscaping(body) { body in
      var visitor = Visitor(onTensor: { _, _, _ in }, onModule: body)
      visit(&visitor)
    }
  }

  /// The tensors that optimizers change, in the order of `visit`.
  public var parameters: [Tensor] {
    var found: [Tensor] = []
    forEachValue(namingPaths: false) { _, role, tensor in
      if role == .parameter { found.append(tensor) }
    }
    return found
  }

  /// The path and the value of every tensor of a role, in the order of `visit`.
  public func tensors(_ role: Role) -> [(path: String, tensor: Tensor)] {
    var found: [(path: String, tensor: Tensor)] = []
    forEachValue(namingPaths: true) { path, itsRole, tensor in
      if itsRole == role { found.append((path, tensor)) }
    }
    return found
  }

  /// The number of numbers that optimizers change.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }

  /// Returns the module with its floating-point tensors converted: train in float32, check in
  /// float64.
  public func cast(to dtype: DType) -> Self {
    var copy = self
    copy.leaves { _, tensor in
      if tensor.dtype.isFloatingPoint { tensor = tensor.cast(to: dtype) }
    }
    return copy
  }
}
