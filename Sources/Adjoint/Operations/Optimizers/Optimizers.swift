extension Operations {
  /// Steps of optimizers.
  public static let optimizers: [any Operation.Type] = [
    GradientDescentStep.self, AdamStep.self,
  ]
}
