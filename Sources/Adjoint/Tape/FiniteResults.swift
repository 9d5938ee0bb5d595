import Synchronization

/// How many calls of ``stoppingWhereNotFinite(_:)`` are under way.
private let finiteChecks = Atomic(0)

/// Calls `body`, in which the program stops at the first operation on a tape that makes NaN or infinity
/// of finite operands, and says which it is and in which group.
///
/// For finding out where a loss became NaN: each result is looked at, which takes some time. It holds for the
/// whole process meanwhile.
///
/// ```swift
/// let (loss, gradient) = stoppingWhereNotFinite { valueAndGradient(of: &model) { … } }
/// // Fatal error: log: element 3 of its result, float32[8], is -inf, in Linear; its operands are finite
/// ```
public func stoppingWhereNotFinite<Result>(_ body: () throws -> Result) rethrows -> Result {
  finiteChecks.add(1, ordering: .relaxed)
  defer { finiteChecks.subtract(1, ordering: .relaxed) }
  return try body()
}

extension Tape {
  /// Whether results are to be looked at.
  static var looksAtResults: Bool { finiteChecks.load(ordering: .relaxed) > 0 }

  /// Stops if an entry, with these operands, has made something that is not finite of what is.
  func requireFinite(
    _ index: Int, of graph: Graph, _ inputs: [Storage], _ outputs: [Storage]
  ) {
    let entry = graph.entries[index]
    guard inputs.allSatisfy({ $0.firstNotFinite == nil }) else { return }
    for (number, output) in zip(entry.outputs, outputs) {
      guard let place = output.firstNotFinite else { continue }
      let groups = withRecord { record, _ in
        record.notes.path(of: record.notes.groups(of: graph.entries[...index]).last ?? nil)
      }
      stopWithPlace(
        "\(entry.operation.name): element \(place) of its result, \(graph.types[number]), is "
          + "\(output.element(place))"
          + (groups.isEmpty ? "" : ", in " + groups.joined(separator: " › "))
          + "; its operands are finite")
    }
  }
}

extension Storage {
  /// The place of the first element that is NaN or infinite.
  fileprivate var firstNotFinite: Int? {
    if let repetition { return repetition.source.firstNotFinite.map { _ in 0 } }
    func first<Scalar: RealScalar>(_ scalar: Scalar.Type) -> Int? {
      unsafe pointer(to: scalar).firstIndex { !$0.isFinite }
    }
    return switch dtype {
    case .float32: first(Float.self)
    case .float64: first(Double.self)
    case .int32, .bool: nil
    }
  }
}
