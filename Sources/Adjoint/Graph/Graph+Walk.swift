extension Graph {
  /// The walk: the cotangents of some values, given those of others.
  ///
  /// Entries are looked at in reverse. Where one of an entry's outputs has a cotangent and depends on a
  /// value that is asked for, `pullback` makes cotangents of its inputs of them; where a value is used
  /// several times, they add up. What is added is recorded like everything else, if the cotangents
  /// are.
  ///
  /// - Parameters:
  ///   - values: the numbers of the values whose cotangents are asked for.
  ///   - seeds: what is known to begin with.
  ///   - pullback: the rule of an entry, from the cotangents of its outputs and from which of its
  ///     inputs' are wanted.
  /// - Returns: the cotangents; nil where a value has no influence on those of the seeds.
  func cotangents(
    of values: [Int], from seeds: [(number: Int, cotangent: Tensor)],
    _ pullback: (Entry, Few<Tensor?>, Few<Bool>) -> Few<Tensor?>
  ) -> [Tensor?] {
    let (first, depends) = dependents(of: values)
    var cotangents = [Tensor?](repeating: nil, count: depends.count)
    func add(_ cotangent: Tensor, to number: Int) {
      guard number >= first else { return }
      let sum = cotangents[number - first].map { $0 + cotangent }
      cotangents[number - first] = sum ?? cotangent
    }
    for seed in seeds { add(seed.cotangent, to: seed.number) }
    for entry in entries[entryCount(before: first)...].reversed() {
      let isReached = entry.outputs.contains {
        depends[$0 - first] && cotangents[$0 - first] != nil
      }
      guard isReached else { continue }
      let results = pullback(
        entry,
        Few(count: entry.outputs.count, filler: nil) {
          cotangents[entry.outputs.lowerBound + $0 - first]
        },
        Few(count: entry.inputs.count, filler: false) {
          entry.inputs[$0] >= first && depends[entry.inputs[$0] - first]
        })
      for (number, result) in zip(entry.inputs, results) {
        if let result { add(result, to: number) }
      }
    }
    return values.map { cotangents[$0 - first] }
  }

  /// Which values depend on some, themselves included, from the first of these on.
  private func dependents(of values: [Int]) -> (first: Int, depends: [Bool]) {
    let first = values.min() ?? types.count
    var depends = Array(repeating: false, count: types.count - first)
    for value in values { depends[value - first] = true }
    for entry in entries[entryCount(before: first)...] {
      guard entry.inputs.contains(where: { $0 >= first && depends[$0 - first] }) else { continue }
      for output in entry.outputs where types[output].dtype.isFloatingPoint {
        depends[output - first] = true
      }
    }
    return (first, depends)
  }
}
