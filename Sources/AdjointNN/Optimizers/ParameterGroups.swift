import Adjoint

/// An optimizer with other settings for some of a model's parameters.
///
/// ```swift
/// // No weight decay for biases and norms, and smaller steps for what was trained before:
/// var optimizer = ParameterGroups(of: model, Adam.w(learningRate: 1e-3)) { path, parameter, own in
///   if parameter.rank < 2 { own.weightDecay = 0 }
///   if path.hasPrefix("encoder.") { own.learningRate = 1e-4 }
/// }
/// ```
///
/// A learning rate of 0 freezes parameters by their paths, whatever the model's type; the statistics of batch norms
/// among them are a switch of their own, ``BatchNorm/statistics``:
///
/// ```swift
/// var optimizer = ParameterGroups(of: model, Adam()) { path, _, own in
///   if path.hasPrefix("encoder.") { own.learningRate = 0 }
/// }
/// model.forEach(BatchNorm.self) { path, norm in
///   if path.hasPrefix("encoder.") { norm.statistics = .running }
/// }
/// ```
///
/// Parameters with the same settings make a group, which one optimizer serves. When the learning rate is set, as a
/// schedule does, those of all groups change by the same factor.
public struct ParameterGroups<Base: Optimizer>: Optimizer {
  /// The optimizers, one for each group, in the order in which the groups' first parameters are visited.
  public private(set) var optimizers: [Base] = []
  /// The paths of the parameters of each group.
  public private(set) var paths: [[String]] = []
  /// The group of each parameter.
  private var groups: [Int] = []
  /// The learning rate of each group, as a multiple of that of all.
  private var factors: [Double] = []
  private var rate: Double

  /// Sorts the parameters of a model into groups.
  ///
  /// - Parameters:
  ///   - model: the model that is to be trained.
  ///   - base: the optimizer, with the settings that most parameters have.
  ///   - change: gets the path of each parameter, its value, and a copy of the optimizer, whose settings it may
  ///     change.
  /// - Precondition: if the learning rate of `base` is 0, those of all groups are.
  public init<Model: Module>(
    of model: Model, _ base: Base, _ change: (String, Tensor, inout Base) -> Void
  ) {
    rate = base.learningRate
    var states: [OptimizerState] = []
    for (path, parameter) in model.tensors(.parameter) {
      var own = base
      change(path, parameter, &own)
      let state = own.state
      let group = states.firstIndex(of: state) ?? states.count
      if group == states.count {
        states.append(state)
        optimizers.append(own)
        paths.append([])
        require(
          rate != 0 || own.learningRate == 0,
          "ParameterGroups: the learning rate of \(path) is \(own.learningRate), and that of all 0, of which it is no "
            + "multiple; give the optimizer a rate, and 0 to the parameters that are to stay")
        factors.append(rate == 0 ? 1 : own.learningRate / rate)
      }
      groups.append(group)
      paths[group].append(path)
    }
  }

  /// The learning rate of parameters whose settings were not changed.
  public var learningRate: Double {
    get { rate }
    set {
      rate = newValue
      for group in optimizers.indices { optimizers[group].learningRate = factors[group] * rate }
    }
  }

  /// The number of steps taken.
  public var stepCount: Int { optimizers.first?.stepCount ?? 0 }

  public mutating func update(_ parameters: inout [Tensor], along gradients: [Tensor]) {
    require(
      parameters.count == groups.count && gradients.count == groups.count,
      "ParameterGroups: there are \(parameters.count) parameters and \(gradients.count) gradients, and the groups "
        + "are of a model with \(groups.count); make groups of the model that is trained")
    for group in optimizers.indices {
      let places = places(of: group)
      var own = places.map { parameters[$0] }
      optimizers[group].update(&own, along: places.map { gradients[$0] })
      for (place, parameter) in zip(places, own) { parameters[place] = parameter }
    }
  }

  /// The places of a group's parameters among all.
  private func places(of group: Int) -> [Int] { groups.indices.filter { groups[$0] == group } }

  public mutating func visit(_ visitor: inout OptimizerVisitor) {
    visitor.factor("learningRate", &rate)
    for group in optimizers.indices {
      visitor.number("\(group).factor", &factors[group], within: .positive)
      visitor.group(
        "\(group)", &optimizers[group], of: places(of: group), among: groups.count)
    }
  }
}
