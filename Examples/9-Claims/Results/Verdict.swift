/// What becomes of a claim.
package enum Verdict: Equatable, Sendable, CustomStringConvertible {
  case holds
  case doesNotHold
  /// It holds under a condition, which completes the sentence "holds only if …".
  case holdsOnlyIf(String)
  /// There are too few seeds to say anything.
  case tooFewSeeds

  /// With fewer seeds than this, no resampling says how far a mean may be off.
  static let fewestSeeds = 5

  /// Judges by cases, each with the condition that it stands for and whether the claim holds there.
  init(seeds: Int, _ cases: [(condition: String, holds: Bool)]) {
    let holding = cases.filter(\.holds).map(\.condition)
    self =
      if seeds < Verdict.fewestSeeds {
        .tooFewSeeds
      } else if holding.isEmpty {
        .doesNotHold
      } else if holding.count == cases.count {
        .holds
      } else {
        .holdsOnlyIf(holding.enumerated)
      }
  }

  package var description: String {
    switch self {
    case .holds: "holds"
    case .doesNotHold: "does not hold"
    case .holdsOnlyIf(let condition): "holds only if \(condition)"
    case .tooFewSeeds: "too few seeds"
    }
  }
}

extension [String] {
  /// The items as a sentence lists them.
  var listed: String {
    count > 1 ? dropLast().joined(separator: ", ") + " and " + self[count - 1] : joined()
  }

  /// The items as a sentence lists alternatives; words that all begin with are said once.
  var enumerated: String {
    let items = map { $0.split(separator: " ") }
    // Each keeps a word of its own.
    let most = (items.map(\.count).min() ?? 1) - 1
    let shared = (0..<Swift.max(0, most)).prefix { place in
      items.allSatisfy { $0[place] == items[0][place] }
    }.count
    guard count > 1 else { return joined() }
    let own = items.map { $0.dropFirst(shared).joined(separator: " ") }
    let start = items[0].prefix(shared).map { $0 + " " }.joined()
    return start + own.dropLast().joined(separator: ", ") + " or " + own[count - 1]
  }
}
