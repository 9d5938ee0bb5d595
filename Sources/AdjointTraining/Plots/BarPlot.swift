import Adjoint

/// Bars over names, in groups, each with its uncertainty if wanted.
public struct BarPlot: Figure {
  /// Bars of one colour, one for each category.
  public struct Series: Sendable {
    /// What they are called in the legend; with an empty name they are not listed.
    public var name: String
    /// Their heights. One that is NaN or infinite is left out.
    public var values: [Double]
    /// How far each may be off to either side, drawn as a whisker.
    public var errors: [Double]?
    /// From where to where the whisker of each goes, where that is not as far to either side.
    public var ranges: [ClosedRange<Double>]?

    /// Makes bars.
    public init(_ name: String, values: [Double], errors: [Double]? = nil) {
      (self.name, self.values, self.errors) = (name, values, errors)
    }

    /// Makes bars of the means of several runs, with whiskers from the least to the greatest.
    /// - Precondition: there is a run of each bar.
    public init(_ name: String, runs: [[Double]]) {
      require(
        runs.allSatisfy { !$0.isEmpty }, "BarPlot: a bar of \(name) has no run; give one or more")
      self.init(name, values: runs.map { $0.reduce(0, +) / Double($0.count) })
      // An unknown mean has no whisker either.
      ranges = zip(values, runs).map { mean, runs in
        mean.isFinite ? runs.reduce(mean, min)...runs.reduce(mean, max) : 0...0
      }
    }

    /// From where to where the whisker of a bar goes.
    func whisker(_ place: Int) -> ClosedRange<Double>? {
      if let ranges { return ranges[place] }
      guard let error = errors?[place], error > 0, values[place].isFinite else { return nil }
      return values[place] - error...values[place] + error
    }
  }

  public var title: String
  /// The names across.
  public var categories: [String]
  /// The axis upwards. Bars begin at 0, or at its lower end on a logarithmic scale.
  public var y: Axis
  /// The bars that stand side by side.
  public var series: [Series]

  /// Makes a plot.
  /// - Precondition: each series has a value for each category, and as many errors if any.
  public init(title: String, categories: [String], y: Axis, series: [Series]) {
    (self.title, self.categories, self.y, self.series) = (title, categories, y, series)
    for one in series {
      require(
        one.values.count == categories.count
          && (one.errors == nil || one.errors?.count == categories.count)
          && (one.ranges == nil || one.ranges?.count == categories.count),
        "BarPlot: \(one.name) has \(one.values.count) values"
          + (one.errors.map { " and \($0.count) errors" } ?? "")
          + (one.ranges.map { " and \($0.count) ranges" } ?? "")
          + " for \(categories.count) categories; give one for each")
    }
  }

  public var svg: String {
    let slot = (PlotArea.width - 100) / Double(max(categories.count, 1))
    let longest = categories.map(\.drawnWidth).max() ?? 0
    let isTurned = longest > slot - 4
    var area = PlotArea(
      title,
      legend: series.enumerated().map {
        PlotArea.Entry(name: $1.name, number: $0, sign: .area)
      },
      x: Axis("", range: 0...Double(max(categories.count, 1))), over: [], .tight,
      y: y, over: extremes,
      roomBelow: isTurned ? min(longest * 0.6, 120) + 12 : 18)
    for (place, category) in categories.enumerated() {
      draw(category, place, isTurned, in: &area)
      for number in series.indices { draw(number, at: place, in: &area) }
    }
    area.drawXAxis(at: 0)
    return area.picture.file
  }

  /// What the axis upwards has to hold.
  private var extremes: [Double] {
    let ends = series.flatMap { one in
      one.values.enumerated().flatMap { place, value in
        let whisker = one.whisker(place)
        return [value] + (whisker.map { [$0.lowerBound, $0.upperBound] } ?? [])
      }
    }
    return ends + (y.scale == .linear ? [0] : [])
  }

  private func draw(_ category: String, _ place: Int, _ isTurned: Bool, in area: inout PlotArea) {
    guard let middle = area.x.position(Double(place) + 0.5) else { return }
    let floor = area.floor
    area.draw { picture in
      if isTurned {
        picture.text(category, middle + 4, floor + 16, .end, turned: -35)
      } else {
        picture.text(category, middle, floor + 20, .middle)
      }
    }
  }

  private func draw(_ number: Int, at place: Int, in area: inout PlotArea) {
    let (one, value) = (series[number], series[number].values[place])
    // A fifth of the room of a category stays free.
    let width = 0.8 / Double(series.count)
    let left = Double(place) + 0.1 + width * Double(number)
    guard let start = area.x.position(left), let end = area.x.position(left + width),
      let top = area.y.position(value)
    else { return }
    let base = area.y.position(0) ?? area.floor
    let label = [categories[place], one.name].filter { !$0.isEmpty }.joined(separator: ", ")
    let whisker = one.whisker(place).flatMap { $0.lowerBound < $0.upperBound ? $0 : nil }
    let spread =
      one.ranges == nil
      ? whisker.map { " ± \(significant($0.upperBound - value))" }
      : whisker.map { ", \(significant($0.lowerBound)) to \(significant($0.upperBound))" }
    area.draw { picture in
      picture.rectangle(
        start, min(top, base), width: max(end - start - 1, 0.5), height: abs(base - top),
        of: Palette.area(number),
        hint: "\(label): \(significant(value, digits: 4))" + (spread ?? ""))
    }
    guard let whisker, let high = area.y.position(whisker.upperBound) else { return }
    let low = area.y.position(whisker.lowerBound) ?? area.floor
    let middle = (start + end - 1) / 2
    area.draw { picture in
      picture.line(from: (middle, low), to: (middle, high), of: "error")
      for end in [low, high] {
        picture.line(from: (middle - 4, end), to: (middle + 4, end), of: "error")
      }
    }
  }
}
