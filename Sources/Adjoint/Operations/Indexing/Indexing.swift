extension Operations {
  /// Elements at places that are data themselves.
  public static let indexing: [any Operation.Type] = [
    Gather.self, ScatterAdd.self, ElementPlaces.self, TuplePlaces.self, ArgSort.self,
  ]
}
