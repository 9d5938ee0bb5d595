extension Operations {
  /// Operations that make elements of nothing but a key.
  public static let random: [any Operation.Type] = [
    UniformRandom.self, NormalRandom.self,
  ]
}
