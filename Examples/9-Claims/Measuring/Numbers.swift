import Foundation

/// A number with so many decimals.
func fixed(_ value: Double, _ decimals: Int = 1) -> String {
  (value < 0 ? "−" : "") + String(format: "%.\(decimals)f", abs(value))
}

/// A number with so many significant digits, with a power of ten if it is far from 1.
func significant(_ value: Double, _ digits: Int = 2) -> String {
  guard abs(value) >= 1e4 || abs(value) < 1e-3, value != 0 else {
    let text = String(format: "%.\(digits)g", abs(value))
    return text.contains("e") ? fixed(value, 0) : (value < 0 ? "−" : "") + text
  }
  let parts = String(format: "%.\(digits - 1)e", abs(value)).split(separator: "e")
  let exponent = Int(parts[1]) ?? 0
  return (value < 0 ? "−" : "") + "\(parts[0])·10\(exponent.superscript)"
}

extension Int {
  /// The number in raised digits.
  fileprivate var superscript: String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return (self < 0 ? "⁻" : "")
      + String("\(magnitude)".compactMap(\.wholeNumberValue).map { digits[$0] })
  }
}

/// A share as a percentage.
func percent(_ share: Double, _ decimals: Int = 1) -> String { fixed(share * 100, decimals) + " %" }

/// A difference of shares in percentage points.
func points(_ difference: Double) -> String {
  (difference > 0 ? "+" : "") + fixed(difference * 100, 1)
}
