extension Tape {
  /// The application of an operation that has made a tensor, which is its only result; nil if it was not
  /// recorded here.
  private func entry(making tensor: Tensor) -> Graph.Entry? {
    withRecord { record, tape in
      guard case .recorded(let owner, let number) = tensor.content, owner === tape else {
        return nil
      }
      let index = record.graph.entryCount(before: number + 1) - 1
      guard index >= 0, record.graph.entries[index].outputs == number..<number + 1 else {
        return nil
      }
      return record.graph.entries[index]
    }
  }

  /// The operation that has made a tensor.
  func operation(making tensor: Tensor) -> (any Operation)? { entry(making: tensor)?.operation }

  /// The sum of tensors; of those that one operation has made, as it adds up its results.
  func sum(of terms: [Tensor]) -> Tensor {
    let entries = terms.map(entry)
    guard let last = entries.last ?? nil, let operation = last.operation as? any SummableOperation
    else { return terms.dropFirst().reduce(terms[0]) { $0 + $1 } }
    var (calls, rest): ([[Tensor]], [Tensor]) = ([], [])
    for (term, entry) in zip(terms, entries) {
      if let entry, AnyHashable(entry.operation) == AnyHashable(operation),
        term.type == terms[0].type
      {
        calls.append(operands(of: entry))
      } else {
        rest.append(term)
      }
    }
    guard let sum = operation.sum(of: calls) else {
      return terms.dropFirst().reduce(terms[0]) { $0 + $1 }
    }
    return rest.reduce(sum) { $0 + $1 }
  }

  private func operands(of entry: Graph.Entry) -> [Tensor] {
    withRecord { record, tape in
      entry.inputs.map { Tensor(record.graph.types[$0], .recorded(tape, number: $0)) }
    }
  }
}
