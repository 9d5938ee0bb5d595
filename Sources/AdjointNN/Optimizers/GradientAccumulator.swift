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
/// The mean of several is kept in float64, so that of any number of gradients it is rounded once. It overflows nowhere,
/// as a sum would.
///
/// Batch norms still see each batch for itself.
public struct GradientAccumulator<Model: Module>: Sendable {
  /// The mean so far: of several gradients in float64, the first one as it is.
  private var mean: Model?
  /// Zeros of the types of the gradients.
  private var like: [Tensor] = []
  private var weight = 0.0
  /// How many gradients have been added since the mean was last taken.
  public private(set) var count = 0

  /// Starts with none.
  public init() {}

  /// Adds a gradient of a mean over as much as the weight says, such as the number of samples.
  /// - Precondition: the weight is positive, and the sum of all is finite; the gradient is of the model whose gradients
  ///   were added before.
  public mutating func add(_ gradient: Model, weight: Double = 1) {
    require(
      weight > 0 && weight < .infinity,
      "accumulate: the weight is \(weight); give a positive number, as that of samples")
    self.weight += weight
    require(
      self.weight < .infinity,
      "accumulate: the weight is \(weight), and the sum of the weights infinite; give smaller ones")
    defer { count += 1 }
    guard var mean else {
      like = gradient.parameters.map { .zeros(like: $0) }
      self.mean = gradient
      return
    }
    let parameters = gradient.parameters
    require(
      parameters.haveTypes(of: like),
      "accumulate: the gradient has \(parameters.difference(from: like)); give gradients of one model"
    )
    let share = weight / self.weight
    var others = parameters[...]
    mean.changeParameters { old in
      old.cast(to: .float64).moved(towards: others.removeFirst().cast(to: .float64), by: share)
    }
    self.mean = mean
  }

  /// Returns Σ w·g / Σ w, and starts anew.
  /// - Precondition: a gradient has been added.
  public mutating func takeMean() -> Model {
    guard var mean else {
      stop("accumulate: there is no gradient to take the mean of; add one first")
    }
    if count > 1 {
      var types = like[...]
      mean.changeParameters { $0.cast(to: types.removeFirst().dtype) }
    }
    self = GradientAccumulator()
    return mean
  }
}
