/// The pieces of a piecewise operation that the elements of one call are on.
package struct BranchChoice: Sendable, Equatable {
  /// The name of the operation.
  package let operation: String
  /// A number for each element.
  package let pieces: [Int32]
}

extension Tape {
  /// A tape for what is only looked at: operations are recorded even if they have no kernel for the
  /// operands.
  package static func forInspection(in precision: DType? = nil) -> Tape {
    Tape(Record(), Ownership(isForInspection: true, precision: precision))
  }

  /// A tape that takes floating-point constants in one type, whichever they have: so a function with
  /// constants of its own is recorded in both.
  ///
  /// - Parameters:
  ///   - isComposing: whether fused operations are recorded as what they are composed of, which shows what
  ///     their kernels round on the way.
  ///   - altering: what becomes of each result before others are computed of it, such as a rounding error
  ///     more.
  ///   - stopped: what takes the place of values whose gradient is stopped, one after the other.
  package static func recording(
    in precision: DType, isComposing: Bool = false,
    altering: (@Sendable (Tensor) -> Tensor)? = nil, holding stopped: StoppedValues? = nil
  ) -> Tape {
    Tape(
      Record(),
      Ownership(
        precision: precision, isComposing: isComposing, altering: altering,
        holding: stopped?.fromTheStart))
  }

  /// The outputs of a fused operation as those of what it is composed of, if the tape shows it so; not in rules,
  /// which are no part of what is looked at.
  func composition(of operation: any Operation, _ inputs: [Tensor]) -> [Tensor]? {
    guard ownership.isComposing, !activity.isPullback else { return nil }
    return (operation as? any FusedOperation)?.composed(inputs)
  }

  /// Operands of one floating-point type, if one of them is on a tape that sees to that; nil if it need not.
  ///
  /// Constants are taken in the type of what is recorded, which a function may have widened; where that is of
  /// both types, in the tape's own.
  static func ofOnePrecision(_ operands: [Tensor]) -> [Tensor]? {
    // Nearly always nothing is to be done, which is found out without a copy of an operand.
    func isReal(_ index: Int) -> Bool { operands[index].dtype.isFloatingPoint }
    guard let first = operands.indices.first(where: isReal),
      operands.indices.contains(where: {
        isReal($0) && operands[$0].dtype != operands[first].dtype
      }),
      let precision = operands.lazy.compactMap(\.tape?.ownership.precision).first
    else { return nil }
    let real = operands.filter(\.dtype.isFloatingPoint)
    let recorded = Set(real.filter { $0.tape != nil }.map(\.dtype))
    let dtype = recorded.count == 1 ? recorded.first ?? precision : precision
    return operands.map { $0.dtype.isFloatingPoint ? $0.cast(to: dtype) : $0 }
  }

  /// The watched tensors, in the order in which they were put on the tape.
  package var watchedTensors: [Tensor] {
    let graph = graph
    return graph.leaves.filter { $0.kind == .watched }.map { tensor($0.number, graph) }
  }

  /// The tensors that are used as constants, in the order in which they came to be on the tape.
  package var constants: [Tensor] {
    let graph = graph
    return graph.leaves.filter { $0.kind == .slot }.map { tensor($0.number, graph) }
  }

  /// What is wrong with the first entry whose operation does not compute the type of its operands; nil
  /// if all can run. For a checker, which asks before the program would stop.
  package func missingKernel() -> String? {
    let graph = graph
    for entry in graph.entries {
      let first = entry.inputs.first ?? entry.outputs.lowerBound
      let dtype = entry.operation.kernelType ?? graph.types[first].dtype
      if !entry.operation.elementTypes.contains(dtype) {
        return "\(entry.operation.name) has no kernel for \(dtype)"
      }
    }
    return nil
  }

  /// The pieces that all piecewise operations on the tape are on, in order.
  package func branches() -> [BranchChoice] {
    let graph = graph
    return graph.entries.compactMap { entry in
      let inputs = entry.inputs.map { tensor($0, graph) }
      let outputs = entry.outputs.map { tensor($0, graph) }
      return entry.operation.branches(inputs: inputs, outputs: outputs).map {
        BranchChoice(operation: entry.operation.name, pieces: [Int32]($0))
      }
    }
  }

  private func tensor(_ number: Int, _ graph: Graph) -> Tensor {
    Tensor(graph.types[number], .recorded(self, number: number))
  }
}
