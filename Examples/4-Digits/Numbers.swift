extension Double {
  /// A share as a percentage with two decimals.
  var percent: String { (self * 100).fixed(2) + " %" }

  /// The number with so many decimals.
  func fixed(_ decimals: Int) -> String {
    guard isFinite, abs(self) < 1e9 else { return "\(self)" }
    let unit = (0..<decimals).reduce(1) { product, _ in product * 10 }
    let scaled = Int((abs(self) * Double(unit)).rounded())
    let fraction = String(scaled % unit)
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return (self < 0 ? "-" : "") + "\(scaled / unit).\(zeros)\(fraction)"
  }
}

extension String {
  /// The text at the right end of a column.
  func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
