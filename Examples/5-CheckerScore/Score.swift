import AdjointCheck
import WrongGradients

/// What the checker said of all cases.
struct Score: Encodable, CustomStringConvertible {
  let wrong: [Row]
  let right: [Row]
  let seconds: Double
  let evaluations: Int

  /// What it said of one case, over all seeds.
  struct Row: Encodable {
    let name: String
    let seeds: Int
    /// How often it was said to be right.
    var passed = 0
    /// How often that could not be told.
    var undecided = 0
    /// What it should look like; nil if it leaves no trace of its own.
    let pattern: String?
    /// How often it was said to be wrong, and what it looks like was named rightly.
    var diagnosed = 0

    /// How often it was said to be wrong.
    var failed: Int { seeds - passed - undecided }
  }

  init(_ options: Options) {
    let clock = ContinuousClock()
    let start = clock.now
    var evaluations = 0
    func rows(_ cases: [GradientCase], seeds: Int) -> [Row] {
      cases.map { gradientCase in
        var row = Row(
          name: gradientCase.name, seeds: seeds, pattern: gradientCase.pattern?.rawValue)
        for seed in 0..<seeds {
          let report = gradientCase.check(UInt64(seed))
          evaluations += report.evaluations
          if report.passed {
            row.passed += 1
          } else if report.verdicts.isDisjoint(with: [.fail, .structural, .nondeterministic]) {
            row.undecided += 1
          } else if report.results.contains(where: {
            $0.diagnosis != nil && $0.diagnosis?.pattern == gradientCase.pattern
          }) {
            row.diagnosed += 1
          }
        }
        return row
      }
    }
    wrong = rows(GradientCase.wrong, seeds: options.wrongSeeds)
    right = rows(GradientCase.right, seeds: options.rightSeeds)
    self.evaluations = evaluations
    seconds = (clock.now - start) / .seconds(1)
  }

  /// Whether no wrong gradient passed on any seed, each was caught on one, and no right one failed.
  var isPerfect: Bool {
    wrong.allSatisfy { $0.passed == 0 && $0.failed > 0 } && right.allSatisfy { $0.failed == 0 }
  }

  var description: String {
    func line(_ row: Row) -> String {
      let name = row.name + String(repeating: " ", count: max(0, 52 - row.name.count))
      let counts = [row.failed, row.undecided, row.passed].map {
        String(repeating: " ", count: max(0, 9 - "\($0)".count)) + "\($0)"
      }
      let diagnosis = row.pattern.map { "   \($0): \(row.diagnosed)" } ?? ""
      return name + counts.joined() + diagnosis
    }
    let head = String(repeating: " ", count: 52) + "    wrong undecided    right"
    let named = wrong.filter { $0.pattern != nil }
    let diagnosed = named.reduce(0) { $0 + $1.diagnosed }
    let failures = named.reduce(0) { $0 + $1.failed }
    let caught = wrong.filter { $0.passed == 0 && $0.failed > 0 }.count
    let undecided = (wrong + right).filter { $0.undecided > 0 }.count
    let alarms = right.filter { $0.failed > 0 }.count
    return
      (["Wrong gradients: the checker said", head] + wrong.map(line)
      + ["", "Right gradients: the checker said", head] + right.map(line)
      + [
        "",
        "caught \(caught) of \(wrong.count) wrong gradients, on every seed a failure or undecided",
        "false alarms for \(alarms) of \(right.count) right ones",
        "undecided on some seed: \(undecided)",
        "the mistake named rightly in \(diagnosed) of \(failures) failures of mistakes that leave a trace",
        "\(evaluations) evaluations in \((seconds * 10).rounded() / 10) s",
      ]).joined(separator: "\n")
  }
}
