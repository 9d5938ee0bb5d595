extension Operations {
  /// Operations that make one element of many.
  public static let reductions: [any Operation.Type] = [
    Sum.self, Mean.self, Variance.self, Extremum.self, ArgMax.self,
  ]
}
