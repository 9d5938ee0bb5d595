extension Operations {
  /// Convolutions, and their gradients.
  public static let convolutions: [any Operation.Type] = [
    Convolution.self, ConvolutionInputGradient.self, ConvolutionWeightGradient.self,
  ]
}
