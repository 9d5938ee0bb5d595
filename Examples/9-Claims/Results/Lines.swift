import AdjointTraining

extension LinePlot.Line {
  /// The median of several runs at each point, with a band from the least to the greatest.
  static func medians(_ name: String, x: [Double], _ runs: [[Double]]) -> LinePlot.Line {
    let columns = x.indices.map { place in runs.map { $0[place] } }
    return LinePlot.Line(name, x: x, y: columns.map(\.median), band: columns.map(\.extent))
  }
}

extension BarPlot.Series {
  /// The means of several lists of numbers by seeds, with whiskers of a standard deviation.
  init(_ name: String, bySeeds values: [[Double]], times factor: Double = 1) {
    self.init(
      name, values: values.map { $0.mean * factor }, errors: values.map { $0.deviation * factor })
  }
}
