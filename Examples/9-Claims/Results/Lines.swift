import AdjointTraining

extension LinePlot.Line {
  /// The median of several runs at each point, with a band from the least to the greatest.
  static func medians(_ name: String, x: [Double], _ runs: [[Double]]) -> LinePlot.Line {
    let columns = x.indices.map { place in runs.map { $0[place] } }
    return LinePlot.Line(name, x: x, y: columns.map(\.median), band: columns.map(\.extent))
  }
}

extension BarPlot.Series {
  /// The means of several lists of shares by seeds in percent, with whiskers from the least to the
  /// greatest.
  init(_ name: String, percent shares: [[Double]]) {
    self.init(name, runs: shares.map { $0.map { $0 * 100 } })
  }
}

extension Sides<[[Double]]> {
  /// Bars of the means of shares by seeds, in percent.
  var bars: [BarPlot.Series] {
    [
      BarPlot.Series("with batch norm", percent: with),
      BarPlot.Series("without", percent: without),
    ]
  }

  /// Lines of the medians of several runs.
  func lines(x: [Double]) -> [LinePlot.Line] {
    [.medians("with batch norm", x: x, with), .medians("without", x: x, without)]
  }
}
