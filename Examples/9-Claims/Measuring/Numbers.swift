import Foundation

/// A number with so many decimals.
func fixed(_ value: Double, _ decimals: Int = 1) -> String {
  (value < 0 ? "−" : "") + String(format: "%.\(decimals)f", abs(value))
}

/// A number with so many significant digits.
func significant(_ value: Double, _ digits: Int = 2) -> String {
  guard abs(value) < 1e5, abs(value) >= 1e-3 || value == 0 else {
    return (value < 0 ? "−" : "") + String(format: "%.\(digits - 1)e", abs(value))
  }
  let text = (value < 0 ? "−" : "") + String(format: "%.\(digits)g", abs(value))
  return text.contains("e") ? fixed(value, 0) : text
}

/// A share as a percentage.
func percent(_ share: Double, _ decimals: Int = 1) -> String { fixed(share * 100, decimals) + " %" }

/// A difference of shares in percentage points.
func points(_ difference: Double) -> String {
  (difference > 0 ? "+" : "") + fixed(difference * 100, 1)
}
