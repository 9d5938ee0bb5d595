import AdjointConformance

/// What came of all cases.
struct Report: Encodable, CustomStringConvertible {
  /// A case that failed.
  struct Row: Encodable {
    let name: String
    let failures: [Failure]
  }

  let passed: Int
  var failed: Int { failures.count }
  let failures: [Row]
  /// The number of unsupported cases of each operator.
  let unsupported: [String: Int]

  init(_ outcomes: [(ConformanceCase, Outcome)]) {
    var (passed, failures, unsupported) = (0, [Row](), [String: Int]())
    for (item, outcome) in outcomes {
      switch outcome {
      case .passed: passed += 1
      case .failed(let arrays):
        failures.append(Row(name: item.description, failures: arrays))
      case .unsupported(let what): unsupported[what, default: 0] += 1
      }
    }
    (self.passed, self.failures, self.unsupported) = (passed, failures, unsupported)
  }

  var description: String {
    let rows = failures.flatMap { row in
      row.failures.map { "FAIL \(row.name) \($0.array): error \($0.error), mark \($0.mark)" }
    }
    let missing = unsupported.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "unsupported: \($0.value) of \($0.key)" }
    let count = unsupported.values.reduce(0, +)
    return (rows + missing + ["\(passed) passed, \(failed) failed, \(count) unsupported"])
      .joined(separator: "\n")
  }
}
