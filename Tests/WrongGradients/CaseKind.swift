/// Cases that are wrong, or hard, in the same way.
public struct CaseKind: Sendable {
  /// What they have in common.
  public let name: String
  /// The cases, which know the name.
  public let cases: [GradientCase]

  init(_ name: String, _ cases: [GradientCase]) {
    self.name = name
    self.cases = cases.map { gradientCase in
      var gradientCase = gradientCase
      gradientCase.kind = name
      return gradientCase
    }
  }

  /// The kinds of wrong gradients.
  public static let wrong: [CaseKind] = [
    batchNorms, normalizations, counting, axes, moves, windows, functions, losses, linearAlgebra,
    recurrences, kinks, secondOrder, scales, singlePrecision, combinations, cotangents,
    hiddenState, convenientPoints,
  ]

  /// The kinds of right gradients that are hard to check.
  public static let right: [CaseKind] = [
    hardPoints, hardFunctions, ties, invariances, spreads, situations, layers, curvatures,
    tableOfOperations,
  ]
}

extension GradientCase {
  /// Every wrong gradient: none of them may pass.
  public static let wrong = CaseKind.wrong.flatMap(\.cases)

  /// Right gradients at hard points: none of them may be called wrong.
  public static let right = CaseKind.right.flatMap(\.cases)
}
