/// What the checker said of the cases of one kind, in numbers of cases.
struct KindRow: Encodable {
  let kind: String
  let cases: Int
  /// Cases that passed on no seed and failed on one.
  let caught: Int
  /// Cases that passed on every seed.
  let alwaysPassed: Int
  /// Cases that were left undecided on some seed.
  let undecided: Int
  /// Cases that passed on some seed.
  let passed: Int
  /// Cases that failed on some seed.
  let flagged: Int

  private init(_ kind: String, _ rows: [Score.Row]) {
    self.kind = kind
    cases = rows.count
    caught = rows.filter(\.isCaught).count
    alwaysPassed = rows.filter { $0.passed == $0.seeds }.count
    undecided = rows.filter { $0.undecided > 0 }.count
    passed = rows.filter { $0.passed > 0 }.count
    flagged = rows.filter { $0.failed > 0 }.count
  }

  /// The rows of each kind added up, in their order.
  static func rows(of rows: [Score.Row]) -> [KindRow] {
    var kinds: [String] = []
    for row in rows where kinds.last != row.kind { kinds.append(row.kind) }
    return kinds.map { kind in KindRow(kind, rows.filter { $0.kind == kind }) }
  }
}
