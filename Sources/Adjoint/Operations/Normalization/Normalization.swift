extension Operations {
  /// Batch norm, and the affine maps around it.
  public static let normalization: [any Operation.Type] = [
    ChannelAffine.self, AffineMap.self, BatchNormalization.self, BatchNormalizationGradient.self,
    RunningStatistics.self, GroupNormalization.self, GroupNormalizationGradient.self,
    RootMeanSquareNormalization.self,
  ]
}
