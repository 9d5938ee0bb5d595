import Adjoint

extension FunctionCheck {
  /// A few derivatives more, where mistakes hide that the given point and cotangents do not show.
  mutating func checkBriefly(_ structure: Structure, _ checks: [InputCheck], order: Int) {
    let subject = structure.subject
    var generator = structure.generator
    var brief = BriefCheck(names: structure.names, options, order: order)
    defer { count(brief.evaluations) }
    // At other points, and with other cotangents, the kinks of single inputs are no surprise.
    func look(
      _ place: String, atKinks: Bool = false, _ results: (inout BriefCheck) -> [InputResult]
    ) {
      guard findings.isEmpty else { return }
      let results = results(&brief).filter { atKinks || !$0.isAtKink }
      guard let finding = BriefCheck.finding(results, where: place) else { return }
      find(finding.verdict, finding.message)
    }
    // Values that were convenient: 0, 1, the identity; and what a rule has kept of another point.
    let beside = subject.inputs.map { $0.moved(using: &generator) }
    look("at a point beside the given one", atKinks: isThinned) {
      isThinned
        ? $0.results(alongAllOf: beside, subject.function, using: &generator)
        : order == 2
          ? $0.results(jointlyAt: beside, subject.function, using: &generator)
          : $0.results(subject.function, at: beside, using: &generator)
    }
    // The rest is of rules, which the gradients of gradients go through as well.
    if order == 2 { return }
    // Outputs that others drown.
    if subject.hasOutputsOfDifferentSize {
      look(
        "with cotangents in which small outputs count as much as large ones", atKinks: isThinned
      ) {
        isThinned
          ? $0.results(
            alongAllOf: subject.inputs, subject.function, .relative, using: &generator)
          : $0.results(subject.function, at: subject.inputs, .relative, using: &generator)
      }
    }
    for places in structure.twins.map({ [$0.0, $0.1] }) + structure.alike where !isThinned {
      var inputs = subject.inputs
      let first = inputs[places[0]]
      for place in places.dropFirst() {
        inputs[place] = Tensor([Double](first), shape: first.shape, dtype: .float64)
      }
      let names = places.map { structure.names[$0] }.joined(separator: " and ")
      look("where \(names) hold equal values") {
        $0.results(subject.function, at: inputs, of: places, using: &generator)
      }
    }
    // What a rule has kept of a call in which some inputs were the same as here.
    let ends = subject.inputs.count > 1 ? [0, subject.inputs.count - 1] : []
    let varying = checks.filter { !$0.isInvariant }.map(\.index)
    for place in ends where !isThinned {
      var inputs = subject.inputs
      inputs[place] = beside[place]
      look("where only \(structure.names[place]) is another") {
        $0.results(jointlyAt: inputs, subject.function, of: varying, using: &generator)
      }
    }
    // A tie between inputs, of which both get everything.
    let kinked = checks.filter(\.isKinked)
    if kinked.count > 1 {
      for isRising in [true, false] {
        let directions = kinked.map { ($0.index, $0.kinkedElements(rising: isRising)) }
        look("along several inputs at once, all of which are on a kink", atKinks: true) {
          $0.results(along: directions, of: subject, using: &generator)
        }
      }
    }
  }
}

extension Subject {
  /// Whether some elements of the outputs are a thousand times larger than others.
  fileprivate var hasOutputsOfDifferentSize: Bool {
    let sizes = here.outputs.filter(\.dtype.isFloatingPoint).flatMap { [Double]($0) }
      .map(\.magnitude).filter { $0 > 0 && $0.isFinite }
    guard let least = sizes.min(), let most = sizes.max() else { return false }
    return most > 1e3 * least
  }
}

extension BriefCheck {
  /// The result for one number that moves several inputs, each along a direction.
  fileprivate mutating func results(
    along directions: [(index: Int, direction: [Double])], of subject: Subject,
    using generator: inout Philox
  ) -> [InputResult] {
    results(
      along: directions, at: subject.inputs, subject.function, .given(subject.cotangents),
      using: &generator)
  }

  /// The same along random directions of all inputs: where there is no time for each.
  fileprivate mutating func results(
    alongAllOf inputs: [Tensor], _ function: @escaping ([Tensor]) -> [Tensor],
    _ weights: Weights = .normal, using generator: inout Philox
  ) -> [InputResult] {
    let compared = inputs.indices.filter {
      inputs[$0].dtype.isFloatingPoint && options.isPlain(names[$0])
    }
    if compared.isEmpty { return [] }
    let directions = compared.map { index in
      let values = [Double](inputs[index])
      let origin = values.map { _ in 0.0 }
      let random = Direction.random(around: values, using: &generator)
      return (index: index, direction: random.point(from: origin, at: Line.spread(of: values)))
    }
    return results(along: directions, at: inputs, function, weights, using: &generator)
  }

  /// The same along one random direction of all inputs, for mistakes that no element hides; where those meet kinks, along
  /// some of each input.
  fileprivate mutating func results(
    jointlyAt inputs: [Tensor], _ function: @escaping ([Tensor]) -> [Tensor],
    of indices: [Int]? = nil, using generator: inout Philox
  ) -> [InputResult] {
    let joint = results(alongAllOf: inputs, function, using: &generator)
    guard joint.contains(where: { $0.verdict != .pass && $0.verdict != .fail }) else {
      return joint
    }
    return results(function, at: inputs, of: indices, using: &generator)
  }

  private mutating func results(
    along directions: [(index: Int, direction: [Double])], at inputs: [Tensor],
    _ function: @escaping ([Tensor]) -> [Tensor], _ weights: Weights,
    using generator: inout Philox
  ) -> [InputResult] {
    var brief = BriefCheck(
      names: ["several inputs at once"], CheckOptions(), order: order)
    let tensors = directions.map { index, direction in
      (index, Tensor(direction, shape: inputs[index].shape, dtype: .float64))
    }
    let results = brief.results(
      { numbers in
        var moved = inputs
        for (index, direction) in tensors {
          moved[index] = moved[index] + direction * numbers[0]
        }
        return function(moved)
      }, at: [Tensor(0, dtype: .float64)], weights, using: &generator)
    evaluations += brief.evaluations
    return results
  }
}
