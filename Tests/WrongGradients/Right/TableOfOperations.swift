import Adjoint
import AdjointCheck

extension CaseKind {
  /// Every smooth sample of the table of operations, at second order: what models are composed of.
  static let tableOfOperations = CaseKind(
    "the table of operations",
    Operations.all.flatMap { type in
      type.samples.filter(\.isSmooth).map { sample in
        let name = "\(sample.operation.name): \(sample.label)"
        let gradientCase = GradientCase(name) { seed in
          checkGradients(
            of: sample.operation, at: sample.inputs, order: 2, seed: seed, options: .forTable)
        }
        let isUndecidable = withoutInfluence.contains(name) || isEmpty(sample)
        return isUndecidable ? gradientCase.undecidable : gradientCase
      }
    })

  /// Whether there is nothing to compare.
  private static func isEmpty(_ sample: Sample) -> Bool {
    func areEmpty(_ types: [TensorType]) -> Bool {
      types.filter(\.dtype.isFloatingPoint).allSatisfy { $0.shape.contains(0) }
    }
    let types = sample.inputs.map(\.type)
    return areEmpty(types) || areEmpty(sample.operation.outputTypes(for: types))
  }

  /// Samples with an input that the result depends on by less than rounding: the mean that was saved, which
  /// the normalized values have none of, and a slope of 10⁻³⁰⁴; or not by much more, as an angle near π.
  private static let withoutInfluence: Set = [
    "batchNormalizationGradient: matrix", "batchNormalizationGradient: images",
    "batchNormalizationGradient: channels last", "groupNormalizationGradient: rows",
    "groupNormalizationGradient: groups of a matrix", "groupNormalizationGradient: images",
    "softplusPullback: at [700.0]", "atan2: at (-1000.0, 0.001)",
  ]
}

extension CheckOptions {
  /// For hundreds of functions: in large inputs a few elements, and mixtures that see all.
  fileprivate static let forTable = CheckOptions(exhaustiveCount: 8, directions: 3, elements: 4)
}
