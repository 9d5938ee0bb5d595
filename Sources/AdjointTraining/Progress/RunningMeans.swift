/// Means by name that are kept up to date, such as those of an epoch so far.
///
/// Sums are compensated, so that an epoch of any length costs no digits.
///
/// Source: Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen" (1974).
public struct RunningMeans: Sendable, Equatable, Codable {
  /// What has been added up under a name.
  struct Sum: Sendable, Equatable, Codable {
    var total = 0.0
    var correction = 0.0
    var weight = 0.0
  }

  private(set) var names: [String] = []
  private(set) var sums: [String: Sum] = [:]

  /// Starts with none.
  public init() {}

  /// Counts a value in, as much as its weight says, such as the number of samples.
  public mutating func add(_ name: String, _ value: Double, weight: Double = 1) {
    if sums[name] == nil { names.append(name) }
    var sum = sums[name] ?? Sum()
    let term = value * weight
    let next = sum.total + term
    if next.isFinite {
      let lost =
        abs(sum.total) >= abs(term) ? (sum.total - next) + term : (term - next) + sum.total
      sum.correction += lost
    }
    sum.total = next
    sum.weight += weight
    sums[name] = sum
  }

  /// The mean under a name; NaN if there is none.
  public subscript(name: String) -> Double {
    guard let sum = sums[name], sum.weight > 0 else { return .nan }
    return (sum.total + sum.correction) / sum.weight
  }

  /// All means, in the order in which their names first came.
  public var means: [(name: String, value: Double)] { names.map { ($0, self[$0]) } }
}
