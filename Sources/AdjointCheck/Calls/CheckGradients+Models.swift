import Adjoint
import AdjointNN

/// Checks the gradients of a layer with respect to every parameter and to its input.
///
/// A layer that was written for float32 is checked in float64. Its state is the same for every
/// evaluation. Parameters and running statistics that are all one number, as before training, are
/// moved to random values, unless the options say otherwise.
public func checkGradients<Checked: Layer>(
  of layer: Checked, at input: Tensor, _ mode: Mode, order: Int = 1, seed: UInt64 = 0,
  options: CheckOptions = CheckOptions()
) -> GradientReport {
  let isTaken = layer.tensors(.parameter).contains { $0.path == "x" }
  return checkGradients(
    of: layer, at: [isTaken ? "input" : "x": input], order: order, seed: seed, options: options
  ) { (layer: inout Checked, inputs) in layer(inputs[0], mode) }
}

/// Checks the gradients of a module with respect to every parameter and to several inputs, such as
/// queries and keys.
///
/// ```swift
/// checkGradients(of: attention, at: ["queries": q, "memory": m]) {
///   (layer: inout CrossAttention, inputs) in
///   layer(inputs[0], attendingTo: inputs[1], .training)
/// }
/// ```
///
/// Inputs come with their names, in the order in which `function` gets them; integers and masks are left as
/// they are.
public func checkGradients<Model: Module>(
  of model: Model, at inputs: KeyValuePairs<String, Tensor>, order: Int = 1, seed: UInt64 = 0,
  name: String? = nil, options: CheckOptions = CheckOptions(),
  function: @escaping (inout Model, [Tensor]) -> Tensor
) -> GradientReport {
  let name = name ?? "\(Model.self)".readable
  if let report = GradientReport.ofUnvisited(model, name: name, seed: seed) { return report }
  let start = options.movesParameters ? model.withGenericValues(seed: seed) : model
  let (single, double) = (start.cast(to: .float32), start.cast(to: .float64))
  let (parameters, repeats) = (double.tensors(.parameter), double.repeatedPlaces)
  return checkGradients(
    at: parameters.map(\.tensor) + inputs.map(\.value), order: order, seed: seed, name: name,
    inputNames: parameters.map(\.path) + inputs.map(\.key), options: options
  ) { tensors in
    // A fresh copy each time: state that the evaluation changes is forgotten.
    let isSingle = tensors.contains { $0.dtype == .float32 }
    var copy = isSingle ? single : double
    var next = tensors.makeIterator()
    copy.leaves(besides: repeats) { role, tensor in
      if role == .parameter, let value = next.next() { tensor = value }
    }
    return [function(&copy, Array(tensors[parameters.count...]))]
  }
}

/// Checks the gradients of a loss with respect to every parameter of a model.
///
/// Called as `valueAndGradient(of:)` is. The model is taken in float64; its state is the same for
/// every evaluation, and `model` itself is left as it is. Parameters and running statistics that are all one
/// number are moved to random values, unless the options say otherwise. To check the gradient with respect to
/// the data too, give them as inputs: `checkGradients(of:at:function:)`.
public func checkGradients<Model: Module>(
  of model: inout Model, order: Int = 1, seed: UInt64 = 0, name: String? = nil,
  options: CheckOptions = CheckOptions(), loss: @escaping (inout Model) -> Tensor
) -> GradientReport {
  checkGradients(of: model, at: [:], order: order, seed: seed, name: name, options: options) {
    model, _ in loss(&model)
  }
}

extension String {
  /// The name of a type, without generic arguments that are no reading: `Sequential<…>`.
  fileprivate var readable: String {
    count <= 40 && !contains("Pack{") ? self : prefix { $0 != "<" } + "<…>"
  }
}
