extension Operations {
  /// Functions of the elements at one place.
  public static let pointwise: [any Operation.Type] = [
    Unary<Negate>.self, Unary<Reciprocal>.self, Unary<SquareRoot>.self,
    Unary<ReciprocalSquareRoot>.self, Unary<Square>.self, Unary<Exponential>.self,
    Unary<ExponentialMinusOne>.self, Unary<NaturalLogarithm>.self, Unary<LogarithmOfOnePlus>.self,
    Unary<Sine>.self, Unary<Cosine>.self, Unary<HyperbolicSine>.self, Unary<HyperbolicCosine>.self,
    Unary<HyperbolicTangent>.self, Unary<Sigmoid>.self, Unary<Softplus>.self, Unary<Softsign>.self,
    Unary<RectifiedLinear>.self, Unary<GaussianErrorLinear>.self,
    Unary<GaussianErrorLinearByTanh>.self, Unary<SigmoidLinear>.self, Unary<Magnitude>.self,
    Unary<Sign>.self, Unary<ErrorFunction>.self, Unary<ComplementaryErrorFunction>.self,
    Binary<Add>.self, Binary<Subtract>.self, Binary<Multiply>.self, Binary<Divide>.self,
    Binary<Power>.self, Binary<Maximum>.self, Binary<Minimum>.self,
    Binary<LeakyRectifiedLinear>.self, Binary<ExponentialLinear>.self, Clamp.self,
    Binary<RectifiedLinearGradient>.self, Binary<HyperbolicTangentGradient>.self,
    Binary<SigmoidGradient>.self, Binary<SigmoidLinearGradient>.self,
    Binary<GaussianErrorLinearByTanhGradient>.self, Comparison.self, Logical.self, Select.self,
    Cast.self,
  ]
}
