import Adjoint

extension FunctionCheck {
  /// A few derivatives more, where mistakes hide that the given point and cotangents do not show.
  mutating func checkBriefly(_ structure: Structure, _ checks: [InputCheck]) {
    let subject = structure.subject
    var generator = structure.generator
    var brief = BriefCheck(names: structure.names, options)
    func look(_ place: String, _ results: (inout BriefCheck) -> [InputResult]) {
      guard findings.isEmpty, let finding = BriefCheck.finding(results(&brief), where: place) else {
        return
      }
      find(finding.verdict, finding.message)
    }
    // Values that were convenient: 0, 1, the identity; and what a rule has kept of another point.
    let beside = subject.inputs.map { $0.moved(using: &generator) }
    look("at a point beside the given one") {
      $0.results(subject.function, at: beside, using: &generator)
    }
    // Outputs that others drown.
    if subject.hasOutputsOfDifferentSize {
      look("with cotangents in which small outputs count as much as large ones") {
        $0.results(subject.function, at: subject.inputs, .relative, using: &generator)
      }
    }
    for (i, j) in structure.twins {
      var inputs = subject.inputs
      inputs[j] = Tensor([Double](inputs[i]), shape: inputs[i].shape, dtype: .float64)
      look("where \(names(i, j, structure)) hold equal values") {
        // Kinks are no surprise there.
        $0.results(subject.function, at: inputs, of: [i, j], using: &generator)
          .filter { $0.reason == nil }
      }
    }
    // A tie between inputs, of which both get everything.
    let kinked = checks.filter(\.isKinked)
    if kinked.count > 1 {
      for isRising in [true, false] {
        let directions = kinked.map { ($0.index, $0.kinkedElements(rising: isRising)) }
        look("along several inputs at once, all of which are on a kink") {
          $0.results(along: directions, of: subject, using: &generator)
        }
      }
    }
    count(brief.evaluations)
  }

  private func names(_ i: Int, _ j: Int, _ structure: Structure) -> String {
    "\(structure.names[i]) and \(structure.names[j])"
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
    let function = subject.function
    var brief = BriefCheck(names: ["several inputs at once"], CheckOptions())
    let results = brief.results(
      { numbers in
        var inputs = subject.inputs
        for (index, direction) in directions {
          let direction = Tensor(direction, shape: inputs[index].shape, dtype: .float64)
          inputs[index] = inputs[index] + direction * numbers[0]
        }
        return function(inputs)
      }, at: [Tensor(0, dtype: .float64)], .given(subject.cotangents), using: &generator)
    evaluations += brief.evaluations
    return results
  }
}
