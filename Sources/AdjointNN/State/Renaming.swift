import Adjoint

/// What the tensors of a model are called elsewhere, and how they lie there.
///
/// A renaming is a list of rules from a model's names to those of the other side. As a model's names are all
/// known, the same list serves for loading and for saving.
///
/// ```swift
/// let names = Renaming.pyTorch
///   .replacing(prefix: "hidden", by: "fc1")
///   .replacing(prefix: "output", by: "fc2")
/// ```
///
/// Ready are ``pyTorch`` and ``keras``; for a layer of your own add ``naming(_:in:)``.
public struct Renaming: Sendable {
  /// How a tensor of a model is found elsewhere.
  public struct Form: Sendable, Equatable {
    /// The name of the module that has it, parts joined by dots; empty for the model itself.
    public var module: String
    /// Its own name; nil if there is nothing of the kind elsewhere.
    public var tensor: String?
    /// The axes of the model's tensor in the order that they have elsewhere, each once, from 0 on; nil for the same
    /// order.
    public var axes: [Int]?
    /// Whether it may lack elsewhere, where it is there at all.
    public var isOptional = false
  }

  private var rules: [@Sendable (inout Form, any Module) -> Void] = []
  /// What stands between the parts of a name elsewhere.
  public var separator = "."

  /// The names and layouts of the model itself.
  public static let none = Renaming()

  /// Makes a renaming that changes nothing yet.
  public init() {}

  /// Returns the renaming with a rule after the others: it gets what they make of a tensor, and the module
  /// that has the tensor.
  public func adding(_ rule: @escaping @Sendable (inout Form, any Module) -> Void) -> Renaming {
    var renaming = self
    renaming.rules.append(rule)
    return renaming
  }

  /// Returns the renaming with the rules of another after its own, and the other's separator.
  public func followed(by other: Renaming) -> Renaming {
    var renaming = self
    renaming.rules += other.rules
    renaming.separator = other.separator
    return renaming
  }

  /// Returns the renaming with the first parts of the names of modules replaced: `encoder.0` by
  /// `model.layers.0`, and with it all below.
  ///
  /// Either may be empty, which puts names under another, or takes them out of it.
  public func replacing(prefix old: String, by new: String) -> Renaming {
    adding { form, _ in
      guard old.isEmpty || form.module == old || form.module.hasPrefix(old + ".") else { return }
      let rest = form.module.dropFirst(old.count).drop { $0 == "." }
      form.module = [new, String(rest)].filter { !$0.isEmpty }.joined(separator: ".")
    }
  }

  /// Returns the renaming with a part of the names of modules replaced wherever it stands: `norm` by `ln`.
  public func replacing(part old: String, by new: String) -> Renaming {
    adding { form, _ in
      form.module = form.module.split(separator: ".").map { $0 == old ? new : String($0) }
        .joined(separator: ".")
    }
  }

  /// Returns the renaming with other names for the tensors of a type of layer: `["scale": "weight"]`.
  public func naming<Layer: Module>(_ names: [String: String], in layer: Layer.Type) -> Renaming {
    adding { form, module in
      guard module is Layer, let name = form.tensor else { return }
      form.tensor = names[name] ?? name
    }
  }

  /// Returns the renaming without some tensors of a type of layer, which the other side does not have.
  public func leavingOut<Layer: Module>(_ names: Set<String>, of layer: Layer.Type) -> Renaming {
    adding { form, module in
      if module is Layer, let name = form.tensor, names.contains(name) { form.tensor = nil }
    }
  }

  /// What a tensor is elsewhere.
  func callAsFunction(_ path: String, of tensor: String, in module: any Module) -> PlacedForm {
    var form = Form(module: path, tensor: tensor)
    for rule in rules { rule(&form, module) }
    let name = form.tensor.map { name in
      (form.module.split(separator: ".").map(String.init) + [name]).joined(separator: separator)
    }
    return PlacedForm(name: name, axes: form.axes, isOptional: form.isOptional)
  }
}

/// What a tensor is elsewhere, with its whole name.
struct PlacedForm: Sendable {
  let name: String?
  let axes: [Int]?
  let isOptional: Bool

  /// The tensor as it lies elsewhere.
  func theirs(_ tensor: Tensor) -> Tensor { axes.map { tensor.transposed($0) } ?? tensor }

  /// The model's shape as it is elsewhere.
  func theirs(_ shape: [Int]) -> [Int] { axes.map { $0.map { shape[$0] } } ?? shape }

  /// A tensor from elsewhere as it lies in the model.
  func ours(_ tensor: Tensor) -> Tensor {
    guard let axes else { return tensor }
    return tensor.transposed(axes.indices.map { axis in axes.firstIndex(of: axis) ?? axis })
  }
}
