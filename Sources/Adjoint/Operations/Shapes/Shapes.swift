extension Operations {
  /// Operations that move elements.
  public static let shapes: [any Operation.Type] = [
    Identity.self, StopGradient.self, Reshape.self, Transpose.self, Broadcast.self,
    Concatenate.self, Split.self, Slice.self, Pad.self,
  ]
}
