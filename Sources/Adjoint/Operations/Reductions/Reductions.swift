extension Operations {
  /// Operations that make one element of many.
  public static let reductions: [any Operation.Type] = [
    Sum.self, Mean.self, Variance.self, VarianceGradient.self, Norm.self, Extremum.self,
    ExtremumGradient.self, ArgMax.self, CumulativeSum.self, CumulativeArgMax.self,
    ElementProduct.self, CumulativeProduct.self, CumulativeProductGradient.self,
  ]
}
