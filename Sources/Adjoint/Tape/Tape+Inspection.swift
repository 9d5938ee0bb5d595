/// The pieces of a piecewise operation that the elements of one call are on.
package struct BranchChoice: Sendable, Equatable {
  /// The name of the operation.
  package let operation: String
  /// A number for each element.
  package let pieces: [Int32]
}

extension Tape {
  /// The watched tensors, in the order in which they were put on the tape.
  package var watchedTensors: [Tensor] {
    withRecord { $0.watched }.map(tensor)
  }

  /// The first entry whose operation has no kernel for the type of its operands; nil if all can
  /// run.
  ///
  /// Runs what it can, so that a checker may ask before a program would stop.
  package func missingKernel() -> String? {
    for index in 0..<entryCount {
      let entry = entry(index)
      let inputTypes = entry.inputs.map(type)
      if entry.operation.repetition(of: inputTypes) != nil { continue }
      let types = entry.outputs.map(type)
      let outputs = types.map { Storage(uninitialized: $0) }
      let inputs = entry.inputs.map(storage)
      if !entry.operation.run(inputs, inputTypes, into: outputs, types) {
        let dtype = entry.operation.kernelType(inputs: inputTypes, outputs: types)
        return "\(entry.operation.name) has no kernel for \(dtype)"
      }
    }
    return nil
  }

  /// The pieces that all piecewise operations on the tape are on, in order.
  package func branches() -> [BranchChoice] {
    (0..<entryCount).compactMap { index in
      let entry = entry(index)
      let (inputs, outputs) = (entry.inputs.map(tensor), entry.outputs.map(tensor))
      return entry.operation.branches(inputs: inputs, outputs: outputs).map {
        BranchChoice(operation: entry.operation.name, pieces: [Int32]($0))
      }
    }
  }
}
