import Adjoint

/// A check of a few directions, of a function or at a point that follow from the ones to check.
struct BriefCheck {
  let options: CheckOptions
  let names: [String]
  /// 1 for gradients, 2 for derivatives of gradients.
  let order: Int
  /// How often functions have been evaluated.
  var evaluations = 0

  init(names: [String], _ options: CheckOptions, order: Int = 1) {
    var options = options
    self.order = order
    (options.exhaustiveCount, options.directions, options.elements) = (4, 2, 2)
    self.options = options
    self.names = names
  }

  /// How the cotangents of outputs are drawn.
  enum Weights {
    /// Normally distributed.
    case normal
    /// Divided by the largest element of the output.
    case balanced
    /// Each divided by the element itself: so that a small one counts as much as a large one.
    case relative
    /// These.
    case given([Tensor?])
  }

  /// The results for some inputs; none where the function or its gradients are not finite. Of more elements, and with a
  /// resolution that can be reported, if it `isThorough`.
  mutating func results(
    _ function: @escaping ([Tensor]) -> [Tensor], at inputs: [Tensor], of indices: [Int]? = nil,
    _ weights: Weights = .normal, holding: Subject.Holding = .definitions,
    isThorough: Bool = false, using generator: inout Philox
  ) -> [InputResult] {
    let subject = Subject(function, at: inputs, weights, holding: holding, using: &generator)
    defer { evaluations += subject.evaluations }
    var problems: [String] = []
    let gradients = subject.gradients(problems: &problems)
    let isFinite =
      gradients.allSatisfy { $0?.allSatisfy(\.isFinite) ?? true }
      && subject.here.outputs.allSatisfy { output in
        !output.dtype.isFloatingPoint || [Double](output).allSatisfy(\.isFinite)
      }
    guard problems.isEmpty, isFinite else { return [] }
    // What agrees without them needs none.
    let nearby = isThorough ? subject.nearbyGradients(gradients, using: &generator) : nil
    var options = options
    if isThorough { options.exhaustiveCount = 64 }
    return (indices ?? Array(inputs.indices)).compactMap { index in
      guard let gradient = gradients[index], options.includes(names[index]) else { return nil }
      var check = InputCheck(
        subject, index, name: names[index], order: order, gradient: gradient,
        nearby: nearby?[index], seed: generator.next(), options: options)
      while !check.isComplete { check.advance() }
      return check.result()
    }
  }

  /// Where a result is that of a mistake, what is to be said of it.
  static func finding(_ results: [InputResult], where place: String) -> Finding? {
    guard let wrong = results.first(where: { $0.verdict == .fail }) else { return nil }
    let numbers = wrong.worst.map { worst in
      ": it is \(worst.analytic), the finite difference \(worst.numeric) ± \(worst.error.brief)"
    }
    return Finding(
      verdict: .fail,
      message:
        "the \(wrong.order == 1 ? "gradient of" : "derivative of the gradients by") \(wrong.input) "
        + "is wrong \(place)\(numbers ?? "")"
        + (wrong.reason.map { "; " + $0 } ?? ""))
  }
}
