import Adjoint

/// Lines over numbers, such as a loss over the steps, each with a band about it if wanted.
///
/// ```swift
/// let plot = LinePlot(
///   title: "Training loss", x: Axis("epoch"), y: Axis("loss", scale: .logarithmic),
///   lines: [LinePlot.Line("with batch norm", y: losses)])
/// try plot.write(to: URL(filePath: "loss.svg"))
/// ```
public struct LinePlot: Figure {
  /// A line: its name in the legend and its points.
  public struct Line: Sendable {
    /// What it is called in the legend; with an empty name it is not listed.
    public var name: String
    /// Its points across.
    public var x: [Double]
    /// Its points upwards. What is NaN, infinite, or not positive on a logarithmic axis is a gap.
    public var y: [Double]
    /// From where to where the band goes at each point.
    public var band: [ClosedRange<Double>]?
    /// How it is drawn.
    public var style = Style.line

    /// How points are drawn.
    public enum Style: Sendable {
      /// Joined by a line.
      case line
      /// Each by itself.
      case points
    }

    /// Makes a line; across, points are 1, 2, 3, … unless said otherwise.
    /// - Precondition: there are as many points one way as the other, and as many parts of the band.
    public init(
      _ name: String, x: [Double]? = nil, y: [Double], band: [ClosedRange<Double>]? = nil,
      style: Style = .line
    ) {
      self.name = name
      self.style = style
      self.x = x ?? y.indices.map { Double($0 + 1) }
      self.y = y
      self.band = band
      require(
        self.x.count == y.count && (band == nil || band?.count == y.count),
        "LinePlot: the line \(name) has \(self.x.count) points across, \(y.count) upwards"
          + (band.map { " and a band of \($0.count)" } ?? "") + "; give as many of each")
    }

    /// Makes a line of the mean of several runs, with a band of one standard deviation (by n − 1) to
    /// either side.
    /// - Precondition: there is a run, and all have one length.
    public init(_ name: String, x: [Double]? = nil, runs: [[Double]]) {
      let lengths = Set(runs.map(\.count))
      require(
        lengths.count == 1,
        "LinePlot: the runs of \(name) have \(lengths.sorted()) points; give one run or more, "
          + "all of one length")
      let columns = (runs.first ?? []).indices.map { place in runs.map { $0[place] } }
      let means = columns.map { $0.reduce(0, +) / Double($0.count) }
      let deviations = zip(columns, means).map { column, mean in
        let sum = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return column.count > 1 ? (sum / Double(column.count - 1)).squareRoot() : 0
      }
      self.init(
        name, x: x, y: means,
        // An unknown mean has no band either.
        band: zip(means, deviations).map { $1.isFinite ? $0 - $1...$0 + $1 : 0...0 })
    }
  }

  public var title: String
  /// The axis across.
  public var x: Axis
  /// The axis upwards.
  public var y: Axis
  /// The lines, from the lowest to the uppermost.
  public var lines: [Line]

  /// Makes a plot.
  public init(title: String, x: Axis, y: Axis, lines: [Line]) {
    (self.title, self.x, self.y, self.lines) = (title, x, y, lines)
  }

  public var svg: String {
    let legend = lines.enumerated().map {
      PlotArea.Entry(name: $1.name, number: $0, sign: $1.style == .line ? .line : .point)
    }
    var area = PlotArea(
      title, legend: legend, x: x, over: lines.flatMap(\.x), .tight, y: y,
      over: lines.flatMap { line in
        line.y + (line.band ?? []).flatMap { [$0.lowerBound, $0.upperBound] }
      })
    area.drawXTicks()
    area.drawXAxis()
    for (number, line) in lines.enumerated() { draw(line, number, in: &area) }
    return area.picture.file
  }

  private func draw(_ line: Line, _ number: Int, in area: inout PlotArea) {
    for segment in segments(of: line, area) {
      if let band = line.band {
        let edge = segment.places.compactMap { place -> (x: Double, low: Double, high: Double)? in
          guard let x = area.x.position(line.x[place]),
            let high = area.y.position(band[place].upperBound)
          else { return nil }
          // A lower end that has no place on a logarithmic axis is at the bottom.
          return (x, area.y.position(band[place].lowerBound) ?? area.y.start, high)
        }
        area.draw { picture in
          picture.area(
            within: edge.map { ($0.x, $0.high) } + edge.reversed().map { ($0.x, $0.low) },
            of: Palette.band(number))
        }
      }
      area.draw { picture in
        switch line.style {
        case .line: picture.lines(through: segment.points.thinned, of: Palette.line(number))
        case .points:
          for point in segment.points { picture.dot(at: point, of: Palette.dot(number)) }
        }
      }
    }
  }

  /// The stretches of a line that have places, with the numbers of their points.
  private func segments(
    of line: Line, _ area: PlotArea
  ) -> [(places: [Int], points: [(x: Double, y: Double)])] {
    var segments: [(places: [Int], points: [(x: Double, y: Double)])] = []
    var isOpen = false
    for place in line.y.indices {
      guard let x = area.x.position(line.x[place]), let y = area.y.position(line.y[place]) else {
        isOpen = false
        continue
      }
      if !isOpen { segments.append(([], [])) }
      isOpen = true
      segments[segments.count - 1].places.append(place)
      segments[segments.count - 1].points.append((x, y))
    }
    return segments
  }
}

extension [(x: Double, y: Double)] {
  /// Without points that would not be seen: of those that share a column of pixels, the first, the
  /// lowest, the highest and the last are left.
  fileprivate var thinned: [(x: Double, y: Double)] {
    guard count > 4 * Int(PlotArea.width) else { return self }
    var (kept, start): ([(x: Double, y: Double)], Int) = ([], 0)
    for end in 1...count
    where end == count || self[end].x.rounded() != self[start].x.rounded() {
      let column = start..<end
      let extremes = [
        column.lowerBound, column.min { self[$0].y < self[$1].y }!,
        column.max { self[$0].y < self[$1].y }!, column.upperBound - 1,
      ]
      kept += Set(extremes).sorted().map { self[$0] }
      start = end
    }
    return kept
  }
}
