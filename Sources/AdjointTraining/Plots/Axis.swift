import Adjoint
import Foundation

/// One direction of a plot: what it measures, in which unit, on which scale.
public struct Axis: Sendable, Equatable {
  /// How numbers become lengths.
  public enum Scale: Sendable {
    /// Equal differences have equal lengths.
    case linear
    /// Equal ratios have equal lengths; what is not positive is not drawn.
    case logarithmic
  }

  /// What is measured.
  public var label: String
  /// Its unit, such as `ms`.
  public var unit: String?
  /// How numbers become lengths.
  public var scale: Scale
  /// From where to where the axis goes; by itself about all numbers.
  public var range: ClosedRange<Double>?

  /// Describes an axis.
  /// - Precondition: a range is finite, with ends that differ, and positive on a logarithmic scale.
  public init(
    _ label: String, unit: String? = nil, scale: Scale = .linear, range: ClosedRange<Double>? = nil
  ) {
    (self.label, self.unit, self.scale, self.range) = (label, unit, scale, range)
    if let range {
      require(
        range.lowerBound < range.upperBound && shows(range.lowerBound) && shows(range.upperBound),
        "Axis: \(label) goes over \(range); give finite ends that differ, "
          + "positive ones on a logarithmic scale")
    }
  }

  /// The label with its unit.
  var caption: String { label + (unit.map { " (\($0))" } ?? "") }

  /// Numbers this large, or on a logarithmic scale smaller than its inverse, are not drawn: what is
  /// computed of them would overflow.
  private static let largest = 1e300

  /// Whether a number has a place on the axis.
  func shows(_ value: Double) -> Bool {
    abs(value) <= Axis.largest && (scale == .linear || value >= 1 / Axis.largest)
  }

  /// Whether the axis begins and ends at a round number beyond the data, or with the data.
  enum Fit { case round, tight }

  /// The axis laid out over a length of pixels for these values.
  func laidOut(
    over values: some Sequence<Double>, from start: Double, to end: Double, _ fit: Fit = .round,
    spacing: Double = 70
  ) -> AxisLayout {
    let shown = values.filter(shows)
    var (least, most) = (shown.min() ?? (scale == .linear ? 0 : 1), shown.max() ?? 1)
    if let range { (least, most) = (range.lowerBound, range.upperBound) }
    // Numbers that rounding alone tells apart are one.
    let resolution = Swift.max(abs(least), abs(most)) * 1e-12
    if most - least <= Swift.max(resolution, 1 / Axis.largest), range == nil {
      (least, most) = around(most)
    }
    let ticks = Ticks(scale, least, most, target: Swift.max(2, abs(end - start) / spacing))
    if fit == .round, range == nil {
      (least, most) = (ticks.lower, ticks.upper)
    }
    return AxisLayout(
      axis: self, least: least, most: most, start: start, end: end,
      ticks: ticks.labeled.filter { (least...most).contains($0.value) })
  }

  /// A range about one number.
  private func around(_ value: Double) -> (Double, Double) {
    if scale == .logarithmic { return (value / 2, value * 2) }
    let margin = abs(value) < 1e-290 ? 1 : abs(value) / 2
    return (value - margin, value + margin)
  }
}

/// An axis whose numbers have places on the picture.
struct AxisLayout {
  let axis: Axis
  let least: Double
  let most: Double
  let start: Double
  let end: Double
  let ticks: [Ticks.Tick]

  /// Where a number is; nil if it has no place.
  func position(_ value: Double) -> Double? {
    guard axis.shows(value) else { return nil }
    let share =
      axis.scale == .linear
      ? (value / 2 - least / 2) / (most / 2 - least / 2)
      : (log10(value) - log10(least)) / (log10(most) - log10(least))
    return start + (end - start) * Swift.min(Swift.max(share, -1), 2)
  }

  /// The room that the numbers at its ticks take across.
  var labelWidth: Double { ticks.map(\.label.drawnWidth).max() ?? 0 }
}
