import Adjoint
import AdjointCheck
import AdjointNN

// The shapes that most cases have: what is computed, and the gradient that someone thought it has.
extension GradientCase {
  /// An operation with a pullback of its own.
  static func rule(
    _ name: String, at inputs: [CaseInput], result shape: [Int]? = nil,
    looksLike pattern: Diagnosis.Pattern? = nil, order: Int = 1,
    _ function: @escaping @Sendable ([Tensor]) -> Tensor,
    pullback: @escaping @Sendable (inout Pullback) -> Void
  ) -> GradientCase {
    let operation = RuleOperation(name, result: shape, function, pullback: pullback)
    return GradientCase(name, looksLike: pattern) { seed in
      checkGradients(of: operation, at: inputs.drawn(seed), order: order, seed: seed)
    }
  }

  /// An operation of one input whose cotangent follows from input, output and cotangent.
  static func unary(
    _ name: String, at input: CaseInput = .normal(3, 2), result shape: [Int]? = nil,
    looksLike pattern: Diagnosis.Pattern? = nil, order: Int = 1,
    _ function: @escaping @Sendable (Tensor) -> Tensor,
    cotangent: @escaping @Sendable (_ x: Tensor, _ y: Tensor, _ g: Tensor) -> Tensor
  ) -> GradientCase {
    rule(
      name, at: [input], result: shape, looksLike: pattern, order: order, { function($0[0]) },
      pullback: { rule in
        let (x, y, g) = (rule.input(0), rule.output(), rule.cotangent)
        rule.set(0, to: cotangent(x, y, g))
      })
  }

  /// A function of each element, with what is taken for its derivative.
  static func slope(
    _ name: String, at input: CaseInput = .normal(3, 2),
    looksLike pattern: Diagnosis.Pattern? = nil, order: Int = 1,
    _ function: @escaping @Sendable (Tensor) -> Tensor,
    derivative: @escaping @Sendable (Tensor) -> Tensor
  ) -> GradientCase {
    unary(name, at: input, looksLike: pattern, order: order, function) { x, _, g in
      g * derivative(x)
    }
  }

  /// A function with the gradient of another one, which someone took it for, with respect to all inputs
  /// or to one of them only.
  static func mistaking(
    _ name: String, at inputs: [CaseInput], only input: Int? = nil, result shape: [Int]? = nil,
    looksLike pattern: Diagnosis.Pattern? = nil, order: Int = 1,
    _ function: @escaping @Sendable ([Tensor]) -> Tensor,
    for other: @escaping @Sendable ([Tensor]) -> Tensor
  ) -> GradientCase {
    let operation = RuleOperation(name, only: input, result: shape, function, mistakenFor: other)
    return GradientCase(name, looksLike: pattern) { seed in
      checkGradients(of: operation, at: inputs.drawn(seed), order: order, seed: seed)
    }
  }

  /// A function of one input with the gradient of another one.
  static func mistaking(
    _ name: String, at input: CaseInput = .normal(3, 2), result shape: [Int]? = nil,
    looksLike pattern: Diagnosis.Pattern? = nil, order: Int = 1,
    _ function: @escaping @Sendable (Tensor) -> Tensor,
    for other: @escaping @Sendable (Tensor) -> Tensor
  ) -> GradientCase {
    mistaking(
      name, at: [input], result: shape, looksLike: pattern, order: order, { function($0[0]) },
      for: { other($0[0]) })
  }

  /// A function in tensor operations, as users write them.
  static func function(
    _ name: String, at inputs: [CaseInput], looksLike pattern: Diagnosis.Pattern? = nil,
    order: Int = 1, _ function: @escaping @Sendable ([Tensor]) -> [Tensor]
  ) -> GradientCase {
    GradientCase(name, looksLike: pattern) { seed in
      checkGradients(
        at: inputs.drawn(seed), order: order, seed: seed, name: name, of: function)
    }
  }

  /// A function of one input, with one output.
  static func function(
    _ name: String, at input: CaseInput, order: Int = 1,
    _ function: @escaping @Sendable (Tensor) -> Tensor
  ) -> GradientCase {
    .function(name, at: [input], order: order) { [function($0[0])] }
  }

  /// A layer.
  static func layer(
    _ name: String, at input: CaseInput, in mode: Mode = .training, order: Int = 1,
    _ layer: @escaping @Sendable (inout Philox) -> some Layer
  ) -> GradientCase {
    GradientCase(name) { seed in
      var generator = Philox(seed: seed)
      return checkGradients(
        of: layer(&generator), at: [input].drawn(seed)[0], mode, order: order, seed: seed)
    }
  }

  /// The loss of a model on an input.
  static func loss<Model: Layer>(
    _ name: String, at input: CaseInput, in mode: Mode = .training,
    _ model: @escaping @Sendable (inout Philox) -> Model,
    loss: @escaping @Sendable (Tensor) -> Tensor
  ) -> GradientCase {
    GradientCase(name) { seed in
      var generator = Philox(seed: seed)
      var model = model(&generator)
      let x = [input].drawn(seed)[0]
      return checkGradients(of: &model, seed: seed, name: name) { model in
        // Of the model's type, whichever it is checked in.
        loss(model(x.cast(to: model.parameters.first?.dtype ?? x.dtype), mode))
      }
    }
  }

  /// The same at a point where no gradient is right.
  var undecidable: GradientCase {
    var copy = self
    copy.isUndecidable = true
    return copy
  }
}
