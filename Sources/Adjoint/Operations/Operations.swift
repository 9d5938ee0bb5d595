/// The table of operations. Tests, the gradient checker and the reference pages walk it.
///
/// A test fails when a type of this package conforms to ``Operation`` and is missing here.
public enum Operations {
  /// Every operation.
  public static let all: [any Operation.Type] =
    unary + binary + comparisons + reductions + shapes + products + convolutions + normalizations
    + sources + optimizers

  /// Functions of one number.
  public static let unary: [any Operation.Type] = [
    Unary<Negate>.self, Unary<Reciprocal>.self, Unary<SquareRoot>.self,
    Unary<ReciprocalSquareRoot>.self, Unary<Square>.self, Unary<Exponential>.self,
    Unary<ExponentialMinusOne>.self, Unary<NaturalLogarithm>.self, Unary<LogarithmOfOnePlus>.self,
    Unary<Sine>.self, Unary<Cosine>.self, Unary<HyperbolicSine>.self, Unary<HyperbolicCosine>.self,
    Unary<HyperbolicTangent>.self, Unary<Sigmoid>.self, Unary<Softplus>.self, Unary<Softsign>.self,
    Unary<RectifiedLinear>.self, Unary<GaussianErrorLinear>.self,
    Unary<GaussianErrorLinearByTanh>.self, Unary<SigmoidLinear>.self, Unary<Magnitude>.self,
    Unary<Sign>.self, Unary<ErrorFunction>.self, Unary<ComplementaryErrorFunction>.self,
  ]

  /// Functions of two or three numbers.
  public static let binary: [any Operation.Type] = [
    Binary<Add>.self, Binary<Subtract>.self, Binary<Multiply>.self, Binary<Divide>.self,
    Binary<Power>.self, Binary<Maximum>.self, Binary<Minimum>.self,
    Binary<LeakyRectifiedLinear>.self, Binary<ExponentialLinear>.self, Clamp.self,
    Binary<RectifiedLinearGradient>.self, Binary<HyperbolicTangentGradient>.self,
    Binary<SigmoidGradient>.self, Binary<SigmoidLinearGradient>.self,
    Binary<GaussianErrorLinearByTanhGradient>.self,
  ]

  /// Masks, and what is done with them.
  public static let comparisons: [any Operation.Type] = [
    Comparison.self, Logical.self, Select.self,
  ]

  /// Operations that make one element of many.
  public static let reductions: [any Operation.Type] = [
    Sum.self, Mean.self, Variance.self, Extremum.self, ArgMax.self, LogSumExp.self, Softmax.self,
    SoftmaxGradient.self,
  ]

  /// Operations that move elements.
  public static let shapes: [any Operation.Type] = [
    Identity.self, StopGradient.self, Cast.self, Reshape.self, Transpose.self, Broadcast.self,
    Concatenate.self, Slice.self, Pad.self, Gather.self, ScatterAdd.self,
  ]

  /// Affine maps and products.
  public static let products: [any Operation.Type] = [
    ChannelAffine.self, AffineMap.self, MatMul.self,
  ]

  /// Convolutions, and pooling.
  public static let convolutions: [any Operation.Type] = [
    Convolution.self, ConvolutionInputGradient.self, ConvolutionWeightGradient.self,
    MaxPooling.self, PlaceScatter.self, PlaceGather.self, AveragePooling.self,
    AveragePoolingGradient.self,
  ]

  /// Batch norm, and the loss at the end of a classifier.
  public static let normalizations: [any Operation.Type] = [
    BatchNormalization.self, BatchNormalizationGradient.self, RunningStatistics.self,
    SoftmaxCrossEntropy.self, SoftmaxCrossEntropyGradient.self,
  ]

  /// Steps of optimizers.
  public static let optimizers: [any Operation.Type] = [GradientDescentStep.self, AdamStep.self]

  /// Operations that make elements of nothing but a key.
  public static let sources: [any Operation.Type] = [UniformRandom.self]
}
