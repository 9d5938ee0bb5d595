extension Tape {
  /// The application of an operation that has made a tensor, which is its only result; nil if it was not
  /// recorded here.
  private func entry(making tensor: Tensor) -> Graph.Entry? {
    withRecord { record, tape in
      guard case .recorded(let owner, let number) = tensor.content, owner === tape,
        let entry = record.graph.entry(making: number), entry.outputs.count == 1
      else { return nil }
      return entry
    }
  }

  /// The operation that has made a tensor.
  func operation(making tensor: Tensor) -> (any Operation)? { entry(making: tensor)?.operation }

  /// The sum of tensors; of those that one operation has made, as it adds up its results.
  func sum(of terms: [Tensor]) -> Tensor {
    let entries = terms.map(entry)
    if let operation = entries.last??.operation as? any SummableOperation {
      var (calls, rest): ([[Tensor]], [Tensor]) = ([], [])
      for (term, entry) in zip(terms, entries) {
        if let entry, AnyHashable(entry.operation) == AnyHashable(operation) {
          calls.append(operands(of: entry))
        } else {
          rest.append(term)
        }
      }
      if let sum = operation.sum(of: calls) { return rest.reduce(sum) { $0 + $1 } }
    }
    return terms.dropFirst().reduce(terms[0]) { $0 + $1 }
  }

  private func operands(of entry: Graph.Entry) -> [Tensor] {
    withRecord { record, tape in
      entry.inputs.map { Tensor(record.graph.types[$0], .recorded(tape, number: $0)) }
    }
  }
}
