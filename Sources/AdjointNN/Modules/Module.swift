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
/// A module is a value, a struct: a copy has tensors of its own.
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

  /// Calls `body` with the role and the place of every tensor but some, which have these places in the
  /// order of `visit`: those that are named again.
  package mutating func leaves(besides repeats: Set<Int>, _ body: (Role, inout Tensor) -> Void) {
    if repeats.isEmpty { return leaves(body) }
    var place = 0
    leaves { role, tensor in
      if !repeats.contains(place) { body(role, &tensor) }
      place += 1
    }
  }

  /// Calls `body` with the path, the role and the value of every tensor, once however often it is
  /// named, and with its first path, if anyone wants paths; with what is frozen as parameters, if that is wanted.
  consuming func forEachValue(
    namingPaths: Bool, thawing: Bool = false, _ body: (String, Role, Tensor) -> Void
  ) {
    withoutActuallyEscaping(body) { body in
      var visitor = Visitor(
        onTensor: { path, role, tensor in
          if !tensor.isSeen { body(path, role, tensor) }
          tensor = .seen
        }, namesPaths: namingPaths, thaws: thawing)
      visit(&visitor)
    }
  }

  /// The places, in the order of `visit`, at which a tensor is named again.
  package var repeatedPlaces: Set<Int> {
    var (copy, place, repeats): (Self, Int, Set<Int>) = (self, 0, [])
    copy.leaves { _, tensor in
      if tensor.isSeen { repeats.insert(place) }
      tensor = .seen
      place += 1
    }
    return repeats
  }

  /// The ranges that the numbers of buffers are in, by the paths of those that have one.
  var bufferRanges: [String: ClosedRange<Double>] {
    var (copy, ranges): (Self, [String: ClosedRange<Double>]) = (self, [:])
    var visitor = Visitor(onTensor: { _, _, _ in }, onRange: { ranges[$0] = $1 })
    copy.visit(&visitor)
    return ranges
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
  /// - Precondition: the element type is floating-point.
  public func cast(to dtype: DType) -> Self {
    requireParameters(of: dtype, "cast")
    var copy = self
    copy.leaves { _, tensor in
      if tensor.dtype.isFloatingPoint { tensor = tensor.cast(to: dtype) }
    }
    return copy
  }
}

extension Tensor {
  /// What takes the place of a tensor that has been seen, in a copy of a module: no module has these elements, if
  /// others of their type.
  fileprivate static let seen = Tensor([] as [Bool])
  fileprivate var isSeen: Bool { isSameValue(as: .seen) }
}
