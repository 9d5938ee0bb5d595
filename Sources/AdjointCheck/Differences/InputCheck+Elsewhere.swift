import Adjoint

extension InputCheck {
  /// Whether nothing but rounding was compared.
  var isInvariant: Bool {
    outcomes.contains { if case .invariant = $0.outcome { true } else { false } }
  }

  /// Whether everything, but for what is on a kink, agrees, and is too small beside the rounding of the outputs.
  var isFaint: Bool {
    outcomes.contains(where: \.outcome.isFaint)
      && outcomes.allSatisfy { item in
        switch item.outcome {
        case .faint, .invariant, .kink: true
        default: item.comparison.isZero
        }
      }
  }

  /// Whether the gradient is not compared.
  var isDeclared: Bool { if case .stopped = expectation { true } else { false } }

  /// The result for a gradient that is 0 by invariance, which any rule could have that makes mistakes
  /// of this invariance only: the same with a cotangent for every value in between.
  func checkedInside(
    _ result: InputResult, _ function: @escaping ([Tensor]) -> [Tensor], _ options: CheckOptions
  ) -> InputResult {
    if case .invariant = expectation { return result.with(.pass) }
    var (brief, generator) = (BriefCheck(names: names(of: subject), options), generator)
    let inside = brief.results(
      { insideValues($0, function) }, at: subject.inputs, of: [index], .balanced,
      isThorough: true, using: &generator)
    switch inside.first?.verdict {
    case .pass, .kink:
      let power = inside[0].resolution.map { " (a relative error of \($0.brief) would show)" } ?? ""
      return result.with(.pass, adding: "its way through the function is right" + power)
    case .fail:
      return inside[0].with(
        .fail, adding: "with a cotangent for each value that is computed on the way")
    default: return result
    }
  }

  /// The result for an input that the function does not depend on at the point: at another point beside it,
  /// if it does depend on it there.
  func checkedBeside(
    _ result: InputResult, _ function: @escaping ([Tensor]) -> [Tensor], _ options: CheckOptions
  ) -> InputResult {
    var (brief, generator) = (BriefCheck(names: names(of: subject), options), generator)
    let beside = subject.inputs.map { $0.moved(using: &generator) }
    let there = brief.results(
      function, at: beside, of: [index], .balanced, isThorough: true, using: &generator)
    guard let there = there.first, [.pass, .kink, .fail].contains(there.verdict) else {
      return result
    }
    return there.with(
      there.verdict,
      adding:
        "at the given point the outputs do not depend on it; compared at another one, beside it")
  }

  /// The result for an input all of whose derivatives are too small beside the rounding of the outputs: with
  /// cotangents in which each output counts as much as any other.
  func checkedRelatively(
    _ result: InputResult, _ function: @escaping ([Tensor]) -> [Tensor], _ options: CheckOptions
  ) -> InputResult {
    var (brief, generator) = (BriefCheck(names: names(of: subject), options), generator)
    let relative = brief.results(
      function, at: subject.inputs, of: [index], .relative, isThorough: true, using: &generator)
    guard let relative = relative.first, [.pass, .fail].contains(relative.verdict) else {
      return result
    }
    return relative.with(
      relative.verdict, adding: "with cotangents in which small outputs count as much as large ones"
    )
  }

  /// The result for a gradient that is declared to be stopped, or does not agree, of a function that stops gradients:
  /// whether it is that of the function in which all that is stopped is held constant.
  func checkedHolding(
    _ result: InputResult, _ function: @escaping ([Tensor]) -> [Tensor]
  ) -> InputResult {
    // Without what is declared: that is what is asked.
    var brief = BriefCheck(names: names(of: subject), CheckOptions(), order: order)
    var generator = generator
    let held = brief.results(
      function, at: subject.inputs, of: [index], .given(subject.cotangents), holding: .all,
      isThorough: true, using: &generator)
    guard let held = held.first, [.pass, .kink].contains(held.verdict) else { return result }
    let power = held.resolution.map { " (a relative error of \($0.brief) would show)" } ?? ""
    return result.with(
      result.verdict,
      adding: "with all that is stopped held constant it is right" + power)
  }

  /// Names for a check of this input alone.
  private func names(of subject: Subject) -> [String] {
    subject.inputs.indices.map { $0 == index ? name : "" }
  }
}

/// All values between the inputs of a function and its outputs that gradients pass through.
private func insideValues(
  _ inputs: [Tensor], _ function: ([Tensor]) -> [Tensor]
) -> [Tensor] {
  guard let tape = inputs.lazy.compactMap(\.tape).first else { return function(inputs) }
  let outputs = function(inputs)
  return outputs + tape.values(between: inputs, and: outputs)
}
