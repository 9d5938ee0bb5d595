extension Operations {
  /// Products of matrices, and attention.
  public static let products: [any Operation.Type] = [
    MatMul.self, ProductSum.self, Attention.self, AttentionGradient.self,
  ]
}
