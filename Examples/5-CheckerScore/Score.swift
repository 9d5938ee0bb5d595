import AdjointCheck
import Dispatch
import Synchronization
import WrongGradients

/// What the checker said of all cases.
struct Score: Encodable, CustomStringConvertible {
  let wrong: [Row]
  let right: [Row]
  /// The same, added up for each kind of wrong gradient, and of right one.
  let wrongKinds: [KindRow]
  let rightKinds: [KindRow]
  let summary: Summary

  /// The score in numbers.
  struct Summary: Encodable {
    /// Wrong gradients that passed on no seed and failed on one.
    let caught: Int
    let wrong: Int
    /// Right gradients that failed on some seed.
    let falseAlarms: Int
    let right: Int
    /// Cases that were left undecided on some seed.
    let undecided: Int
    /// Failures whose mistake leaves a trace, and how many of them were named rightly.
    let failuresWithTrace: Int
    let namedRightly: Int
    let evaluations: Int
    let seconds: Double

    init(_ wrong: [Row], _ right: [Row], evaluations: Int, seconds: Double) {
      let named = wrong.filter { $0.pattern != nil }
      caught = wrong.filter(\.isCaught).count
      self.wrong = wrong.count
      falseAlarms = right.filter { $0.failed > 0 }.count
      self.right = right.count
      undecided = (wrong + right).filter { $0.undecided > 0 }.count
      failuresWithTrace = named.reduce(0) { $0 + $1.failed }
      namedRightly = named.reduce(0) { $0 + $1.diagnosed }
      self.evaluations = evaluations
      self.seconds = (seconds * 10).rounded() / 10
    }
  }

  /// What it said of one case, over all seeds.
  struct Row: Encodable {
    let kind: String
    let name: String
    let seeds: Int
    /// How often it was said to be right, or left undecided where that is right.
    private(set) var passed = 0
    /// How often it could not be told, but could have been.
    private(set) var undecided = 0
    /// What it should look like; nil if it leaves no trace of its own.
    let pattern: String?
    /// How often it was said to be wrong, and what it looks like was named rightly.
    private(set) var diagnosed = 0
    /// How often it was said to be wrong.
    var failed: Int { seeds - passed - undecided }
    /// Whether it passed on no seed and failed on one.
    var isCaught: Bool { passed == 0 && failed > 0 }
    /// How often its function was evaluated.
    private(set) var evaluations = 0

    /// Asks the checker, with one seed after another.
    init(_ gradientCase: GradientCase, seeds: Int) {
      kind = gradientCase.kind
      name = gradientCase.name
      pattern = gradientCase.pattern?.rawValue
      self.seeds = seeds
      for seed in 0..<seeds {
        let report = gradientCase.check(UInt64(seed))
        evaluations += report.evaluations
        switch gradientCase.outcome(of: report) {
        case .passed: passed += 1
        case .undecided:
          if gradientCase.isUndecidable { passed += 1 } else { undecided += 1 }
        case .failed:
          if report.results.contains(where: {
            $0.diagnosis != nil && $0.diagnosis?.pattern == gradientCase.pattern
          }) {
            diagnosed += 1
          }
        }
      }
    }

    /// The rows of cases, several at a time.
    static func rows(of cases: [GradientCase], seeds: Int) -> [Row] {
      let rows = Mutex<[Int: Row]>([:])
      DispatchQueue.concurrentPerform(iterations: cases.count) { number in
        let row = Row(cases[number], seeds: seeds)
        rows.withLock { $0[number] = row }
      }
      return rows.withLock { rows in cases.indices.compactMap { rows[$0] } }
    }
  }

  init(_ options: Options) {
    let clock = ContinuousClock()
    let start = clock.now
    func rows(_ cases: [GradientCase], seeds: Int) -> [Row] {
      Row.rows(of: cases.filter { $0.kind == options.kind ?? $0.kind }, seeds: seeds)
    }
    wrong = rows(GradientCase.wrong, seeds: options.wrongSeeds)
    right = rows(GradientCase.right, seeds: options.rightSeeds)
    wrongKinds = KindRow.rows(of: wrong)
    rightKinds = KindRow.rows(of: right)
    summary = Summary(
      wrong, right, evaluations: (wrong + right).reduce(0) { $0 + $1.evaluations },
      seconds: (clock.now - start) / .seconds(1))
  }

  /// Whether every wrong gradient was caught, and no right one called wrong.
  var isPerfect: Bool { summary.caught == summary.wrong && summary.falseAlarms == 0 }

  var description: String {
    let head = line("", ["wrong", "undecided", "right"])
    let wrongHead = line("", ["cases", "caught", "undecided", "passed"])
    let rightHead = line("", ["cases", "passed", "undecided", "flagged"])
    return
      (["Wrong gradients: the checker said", head] + wrong.map(line)
      + ["", "Right gradients: the checker said", head] + right.map(line)
      + ["", "Kinds of wrong gradients: on no seed passed, on some undecided or passed", wrongHead]
      + wrongKinds.map { line($0.kind, [$0.cases, $0.caught, $0.undecided, $0.passed]) }
      + [
        "", "Kinds of right gradients: on each seed passed, on some undecided or flagged",
        rightHead,
      ]
      + rightKinds.map { line($0.kind, [$0.cases, $0.alwaysPassed, $0.undecided, $0.flagged]) }
      + [
        "",
        "caught \(summary.caught) of \(summary.wrong) wrong gradients: none of these passed on any seed",
        "false alarms for \(summary.falseAlarms) of \(summary.right) right ones",
        "undecided on some seed: \(summary.undecided)",
        "named rightly: \(summary.namedRightly) of \(summary.failuresWithTrace) failures with a trace",
        "\(summary.evaluations) evaluations in \(summary.seconds) s",
      ]).joined(separator: "\n")
  }

  private func line(_ row: Row) -> String {
    let diagnosis = row.pattern.map { "   \($0): \(row.diagnosed)" } ?? ""
    return line(row.name, [row.failed, row.undecided, row.passed]) + diagnosis
  }

  /// A name and numbers, in columns.
  private func line(_ name: String, _ numbers: [some CustomStringConvertible]) -> String {
    let columns = numbers.map { number in
      String(repeating: " ", count: max(1, 10 - "\(number)".count)) + "\(number)"
    }
    return name + String(repeating: " ", count: max(0, 64 - name.count)) + columns.joined()
  }
}
