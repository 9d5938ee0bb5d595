extension Operations {
  /// Softmax, and the loss at the end of a classifier.
  public static let losses: [any Operation.Type] = [
    LogSumExp.self, LogSumExpGradient.self, Softmax.self, SoftmaxGradient.self,
    SoftmaxCrossEntropy.self, SoftmaxCrossEntropyGradient.self,
  ]
}
