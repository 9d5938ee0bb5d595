extension Operations {
  /// Windows that become one element, and their gradients.
  public static let pooling: [any Operation.Type] = [
    MaxPooling.self, PlaceScatter.self, PlaceGather.self, AveragePooling.self,
    AveragePoolingGradient.self,
  ]
}
