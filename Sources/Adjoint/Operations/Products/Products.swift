extension Operations {
  /// Products of matrices.
  public static let products: [any Operation.Type] = [
    MatMul.self
  ]
}
