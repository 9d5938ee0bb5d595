import Foundation

/// The round numbers that stand at an axis.
struct Ticks {
  /// A number and how it is written.
  struct Tick: Equatable {
    let value: Double
    let label: String
  }

  let labeled: [Tick]
  /// Round numbers at or beyond the ends.
  let lower: Double
  let upper: Double

  /// About as many as wanted, over a range.
  init(_ scale: Axis.Scale, _ least: Double, _ most: Double, target: Double) {
    switch scale {
    case .linear:
      labeled = Ticks.linear(least, most, target: target)
      (lower, upper) = (labeled.first?.value ?? least, labeled.last?.value ?? most)
    case .logarithmic:
      let round = Ticks.multiples(of: [1, 2, 5], least, most, step: 1).map(\.value)
      lower = round.last { $0 <= least * (1 + 1e-9) } ?? least
      upper = round.first { $0 >= most * (1 - 1e-9) } ?? most
      let ends = lower...upper
      labeled = Ticks.logarithmic(least, most, target: target).filter { ends.contains($0.value) }
    }
  }

  /// Multiples of 1, 2 or 5 times a power of ten, from at or below the range to at or above it.
  private static func linear(_ least: Double, _ most: Double, target: Double) -> [Tick] {
    let raw = most / target - least / target
    let exponent = log10(raw).rounded(.down)
    let unit = pow(10, exponent)
    let factor = [1.0, 2, 5, 10].first { $0 * unit >= raw * 0.999 } ?? 10
    let step = factor * unit
    guard step > 0, step.isFinite else { return [] }
    let decimals = max(0, -Int(exponent) - (factor == 10 ? 1 : 0))
    // A range that is narrow beside its distance from 0 may begin and end at one multiple.
    let (first, last) = ((least / step + 1e-9).rounded(.down), (most / step - 1e-9).rounded(.up))
    guard last - first < 1000 else { return [] }
    return stride(from: first, through: last, by: 1).map { multiple in
      Tick(value: multiple * step, label: written(multiple * step, decimals: decimals))
    }
  }

  /// Powers of ten, thinned out where there are many; where there are few, 2 and 5 times them too.
  private static func logarithmic(_ least: Double, _ most: Double, target: Double) -> [Tick] {
    let span = log10(most) - log10(least)
    let step = [1.0, 2, 3, 5, 10, 20, 50, 100].first { $0 >= span / target } ?? 200
    return multiples(of: span < 2.5 ? [1, 2, 5] : [1], least, most, step: Int(step)).map {
      Tick(value: $0.value, label: written($0.value, decimals: max(0, -$0.exponent)))
    }
  }

  /// These factors times every so many powers of ten, from at or below the range to at or above it.
  private static func multiples(
    of factors: [Double], _ least: Double, _ most: Double, step: Int
  ) -> [(value: Double, exponent: Int)] {
    let (low, high) = (Int(log10(least).rounded(.down)), Int(log10(most).rounded(.up)))
    let first = Int((Double(low) / Double(step)).rounded(.down)) * step
    return stride(from: first, through: high, by: step).flatMap { exponent in
      factors.map { factor in
        // Divided by a power that is exact, where there is one.
        let power = pow(10, Double(abs(exponent)))
        return (exponent < 0 ? factor / power : factor * power, exponent)
      }
    }
  }

  /// A number as it stands at an axis: as people write it, or with an exponent if that is long.
  static func written(_ value: Double, decimals: Int) -> String {
    let magnitude = abs(value)
    if value == 0 { return "0" }
    if value < 0 { return "−" + written(-value, decimals: decimals) }
    if magnitude >= 1e6 || decimals > 4 {
      let exponent = Int(log10(magnitude).rounded(.down))
      let mantissa = magnitude / pow(10, Double(exponent))
      let digits = min(max(0, exponent + decimals), 6)
      let text = String(format: "%.\(digits)f", mantissa)
      let sign = exponent < 0 ? "−" : ""
      return (text.contains(".") ? trimmed(text) : text) + "e\(sign)\(abs(exponent))"
    }
    return String(format: "%.\(decimals)f", magnitude)
  }

  private static func trimmed(_ text: String) -> String {
    let short = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
    return String(short.reversed())
  }
}

/// A number with some significant digits, for captions and cells.
func significant(_ value: Double, digits: Int = 3) -> String {
  (value < 0 ? "−" : "") + String(format: "%.\(digits)g", abs(value))
}
