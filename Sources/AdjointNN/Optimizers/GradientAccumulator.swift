import Adjoint

/// The mean of gradients of several batches, for a step as of one batch as large as all of them.
///
/// ```swift
/// var accumulator = GradientAccumulator<Classifier>()
/// for batch in batches {
///   let (loss, gradient) = valueAndGradient(of: &model) { … }
///   accumulator.add(gradient, weight: Double(batch.count))
///   if accumulator.count == 4 { optimizer.update(&model, along: accumulator.takeMean()) }
/// }
/// ```
///
/// Batch norms still see each batch for itself.
public struct GradientAccumulator<Model: Module>: Sendable {
  private var sum: Model?
  private var weight = 0.0
  /// How many gradients have been added since the mean was last taken.
  public private(set) var count = 0

  /// Starts with none.
  public init() {}

  /// Adds a gradient of a mean over as much as the weight says, such as the number of samples.
  /// - Precondition: the weight is positive, and the gradient is of the model whose gradients were added before.
  public mutating func add(_ gradient: Model, weight: Double = 1) {
    require(
      weight > 0 && weight < .infinity,
      "accumulate: the weight is \(weight); give a positive number, as that of samples")
    if let sum {
      let (new, old) = (gradient.parameters, sum.parameters)
      require(
        new.haveTypes(of: old),
        "accumulate: the gradient has \(new.difference(from: old)); give gradients of one model")
    }
    var weighted = gradient
    if weight != 1 { weighted.changeParameters { $0 * weight } }
    if let sum {
      var others = sum.parameters[...]
      weighted.changeParameters { others.removeFirst() + $0 }
    }
    sum = weighted
    self.weight += weight
    count += 1
  }

  /// Returns Σ w·g / Σ w, and starts anew.
  /// - Precondition: a gradient has been added.
  public mutating func takeMean() -> Model {
    guard var mean = sum else {
      stop("accumulate: there is no gradient to take the mean of; add one first")
    }
    if weight != 1 { mean.changeParameters { [weight] in $0 / weight } }
    self = GradientAccumulator()
    return mean
  }
}
