extension Tape {
  /// Whether something on the tape is float32.
  package var computesSinglePrecision: Bool { graph.types.contains { $0.dtype == .float32 } }

  /// Whether floating-point numbers become integers on the tape, which hold no large ones.
  package var castsToIntegers: Bool {
    let graph = graph
    return graph.entries.contains { entry in
      (entry.operation as? Cast)?.dtype == .int32
        && graph.types[entry.inputs[0]].dtype.isFloatingPoint
    }
  }

  /// Whether gradients are taken on the tape of other values than those that it watches.
  package var differentiatesOtherValues: Bool {
    home.ownership.holdsOtherWatched.load(ordering: .relaxed)
  }

  /// Whether a gradient is stopped on the tape, and not by definition.
  package var stopsGradients: Bool {
    graph.entries.contains { ($0.operation as? StopGradient)?.isDefinition == false }
  }

  /// Whether the value of something recorded has been read: its elements are known, or those of a watched
  /// tensor are used as a constant. What is read is a constant for gradients.
  package var hasBeenRead: Bool {
    withRecord { record, _ in
      func elements(_ number: Int) -> ObjectIdentifier? {
        guard case .elements(let storage) = record.known[number] else { return nil }
        return ObjectIdentifier(storage)
      }
      let leaves = record.graph.leaves
      let watched = Set(leaves.filter { $0.kind == .watched }.compactMap { elements($0.number) })
      return record.graph.entries.contains { $0.outputs.contains { elements($0) != nil } }
        || leaves.contains { leaf in
          leaf.kind == .slot && elements(leaf.number).map(watched.contains) == true
        }
    }
  }

  /// The floating-point values through which gradients pass from outputs to inputs, but for these: what is
  /// made of a value whose gradient is stopped is not among them, as there gradient and derivative differ.
  package func values(between inputs: [Tensor], and outputs: [Tensor]) -> [Tensor] {
    let (home, graph) = (home, graph)
    var (depends, isStopped, isNeeded) = (Set<Int>(), Set<Int>(), Set<Int>())
    depends.formUnion(inputs.compactMap { $0.number(on: home) })
    let ends = Set(outputs.compactMap { $0.number(on: home) })
    isNeeded.formUnion(ends)
    for entry in graph.entries where entry.inputs.contains(where: depends.contains) {
      depends.formUnion(entry.outputs)
      if entry.operation is StopGradient || entry.inputs.contains(where: isStopped.contains) {
        isStopped.formUnion(entry.outputs)
      }
    }
    for entry in graph.entries.reversed() where entry.outputs.contains(where: isNeeded.contains) {
      isNeeded.formUnion(entry.inputs)
    }
    return graph.entries.flatMap { entry in
      entry.outputs.filter { number in
        depends.contains(number) && isNeeded.contains(number) && !isStopped.contains(number)
          && !ends.contains(number) && graph.types[number].dtype.isFloatingPoint
      }
    }.map { Tensor(graph.types[$0], .recorded(home, number: $0)) }
  }
}
