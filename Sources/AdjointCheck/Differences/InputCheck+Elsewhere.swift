import Adjoint

extension InputCheck {
  /// Whether nothing but rounding was compared.
  var isInvariant: Bool {
    outcomes.contains { if case .invariant = $0.outcome { true } else { false } }
  }

  /// Whether the gradient is not compared.
  var isDeclared: Bool { if case .stopped = expectation { true } else { false } }

  /// The result for a gradient that is 0 by invariance, which any rule could have that makes mistakes
  /// of this invariance only: the same with a cotangent for every value in between.
  func checkedInside(
    _ result: InputResult, _ function: @escaping ([Tensor]) -> [Tensor], _ options: CheckOptions
  ) -> InputResult {
    if case .invariant = expectation { return result.with(.pass) }
    return checked(result, { insideValues($0, function) }, at: subject.inputs, options) { inside in
      switch inside.verdict {
      case .pass, .kink:
        let power = inside.resolution.map { " (a relative error of \($0.brief) would show)" } ?? ""
        return result.with(
          .pass,
          adding: "; its way through the function is right" + power)
      case .fail:
        return inside.with(
          .fail, adding: "with a cotangent for each value that is computed on the way")
      default: return nil
      }
    }
  }

  /// The result for an input that the function does not depend on at the point: at another point beside it,
  /// if it does depend on it there.
  func checkedBeside(
    _ result: InputResult, _ function: @escaping ([Tensor]) -> [Tensor], _ options: CheckOptions
  ) -> InputResult {
    var draw = Philox(seed: UInt64(index), draw: 5 << 40)
    let beside = subject.inputs.map { $0.moved(using: &draw) }
    return checked(result, function, at: beside, options) { there in
      switch there.verdict {
      case .pass, .kink, .fail:
        return there.with(
          there.verdict,
          adding: "compared at a point beside the given one, where the outputs do not depend on it")
      default: return nil
      }
    }
  }

  /// The result of the check of another function, or at another point, if `judge` makes something of it.
  private func checked(
    _ result: InputResult, _ function: @escaping ([Tensor]) -> [Tensor], at inputs: [Tensor],
    _ options: CheckOptions, _ judge: (InputResult) -> InputResult?
  ) -> InputResult {
    var generator = generator
    let other = Subject(function, at: inputs, isBalanced: true, using: &generator)
    var problems: [String] = []
    let gradients = other.gradients(problems: &problems)
    guard let gradient = gradients[index], problems.isEmpty,
      gradient.allSatisfy(\.isFinite),
      other.here.outputs.allSatisfy({ !$0.dtype.isFloatingPoint || [Double]($0).allSatisfy(\.isFinite) })
    else { return result }
    let perturbed = other.perturbedGradients(gradients, using: &generator)
    var options = options
    options.exhaustiveCount = min(options.exhaustiveCount, 64)
    (options.directions, options.elements) = (4, 16)
    var check = InputCheck(
      other, index, name: name, order: order, gradient: gradient, perturbed: perturbed.map { $0[index] ?? gradient },
      seed: generator.next(), options: options)
    while !check.isComplete { check.advance() }
    return judge(check.result()) ?? result
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
