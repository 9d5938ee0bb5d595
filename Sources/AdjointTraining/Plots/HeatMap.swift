import Adjoint

/// A table of numbers as colours, such as a confusion matrix, with a scale beside it.
public struct HeatMap: Figure {
  public var title: String
  /// The numbers, row by row. One that is NaN or infinite stays in the colour of the grid.
  public let values: [[Double]]
  /// What the rows are called, from above; their numbers from 0 on unless given.
  public var rows: [String]
  /// What the columns are called.
  public var columns: [String]
  /// What stands below.
  public var x: String
  /// What stands to the left.
  public var y: String
  /// What the numbers measure.
  public var measure: Axis
  /// The colours.
  public var colors: ColorMap

  /// Makes a heat map.
  ///
  /// The colours go from the smallest number to the largest, or over the range of `measure`; diverging
  /// ones as far to either side of 0 as the number that is farthest from it.
  /// - Precondition: the rows have one length, one or more, and as many names as needed, if any.
  public init(
    title: String, values: [[Double]], rows: [String]? = nil, columns: [String]? = nil,
    x: String = "", y: String = "", measure: Axis = Axis(""), colors: ColorMap = .viridis
  ) {
    let width = values.first?.count ?? 0
    require(
      width > 0 && values.allSatisfy { $0.count == width },
      "HeatMap: the rows have \(Set(values.map(\.count)).sorted()) numbers; give one row or more, "
        + "all of one length")
    (self.title, self.values, self.x, self.y) = (title, values, x, y)
    (self.measure, self.colors) = (measure, colors)
    self.rows = rows ?? values.indices.map { "\($0)" }
    self.columns = columns ?? (0..<width).map { "\($0)" }
    require(
      self.rows.count == values.count && self.columns.count == width,
      "HeatMap: \(self.rows.count) and \(self.columns.count) names for \(values.count) rows of \(width); "
        + "give one for each row and column")
  }

  /// Makes a heat map of a matrix.
  /// - Precondition: the tensor has two axes and an element.
  public init(
    title: String, _ matrix: Tensor, rows: [String]? = nil, columns: [String]? = nil,
    x: String = "", y: String = "", measure: Axis = Axis(""), colors: ColorMap = .viridis
  ) {
    require(
      matrix.rank == 2, "HeatMap: \(matrix.type) is no matrix; give a tensor with two axes")
    let (elements, width) = ([Double](matrix), matrix.shape[1])
    self.init(
      title: title,
      values: (0..<matrix.shape[0]).map { Array(elements[$0 * width..<($0 + 1) * width]) },
      rows: rows, columns: columns, x: x, y: y, measure: measure, colors: colors)
  }

  /// A table of more cells becomes a raster picture, which takes less room, and which some programs blur.
  private static let mostRectangles = 4096

  /// Where the table is in the picture.
  private struct Layout {
    let left, top, cell: (Double)
    let width, height: Double
  }

  private var layout: Layout {
    let (count, most) = (Double(max(values.count, 1)), Double(columns.count))
    // Cells are square.
    let cell = min(56, 520 / most, 420 / count)
    let left = (rows.map(\.drawnWidth).max() ?? 0) + (y.isEmpty ? 16 : 38)
    return Layout(
      left: left, top: title.isEmpty ? 16 : 44, cell: cell, width: cell * most, height: cell * count
    )
  }

  public var svg: String {
    let layout = layout
    let floor = layout.top + layout.height
    let scale = measure.laidOut(over: range, from: floor, to: layout.top, .tight, spacing: 45)
    let right = layout.left + layout.width
    let minimumWidth = max(title.drawnWidth * 1.25 + layout.left, right + 60 + scale.labelWidth)
    var picture = SVG(
      width: minimumWidth + (measure.caption.isEmpty ? 12 : 34),
      height: floor + (x.isEmpty ? 32 : 54), title: title)
    picture.text(title, layout.left, 26, of: "title")
    drawCells(scale, layout, in: &picture)
    drawNames(layout, in: &picture)
    drawScale(scale, right + 20, in: &picture)
    return picture.file
  }

  /// From where to where the colours go.
  private var range: [Double] {
    let shown = values.joined().filter(measure.shows)
    if colors == .diverging, measure.range == nil {
      let farthest = shown.map(abs).max() ?? 1
      return [-farthest, farthest]
    }
    return [shown.min() ?? 0, shown.max() ?? 1]
  }

  private func color(_ value: Double, _ scale: AxisLayout) -> SIMD3<UInt8>? {
    scale.position(value).map {
      colors.color(at: ($0 - scale.start) / (scale.end - scale.start))
    }
  }

  private func drawCells(_ scale: AxisLayout, _ layout: Layout, in picture: inout SVG) {
    let colored = values.map { row in row.map { color($0, scale) } }
    let pixels = colored.joined().map { $0 ?? SIMD3(128, 128, 128) }
    if pixels.count > HeatMap.mostRectangles {
      picture.image(
        PNG(width: columns.count, height: values.count, pixels: pixels),
        layout.left, layout.top, width: layout.width, height: layout.height)
    } else {
      for (place, color) in pixels.enumerated() {
        picture.rectangle(
          layout.left + Double(place % columns.count) * layout.cell,
          layout.top + Double(place / columns.count) * layout.cell, width: layout.cell,
          height: layout.cell, colored: color)
      }
    }
    // Numbers where there is room for them.
    let texts = values.map { $0.map { $0.isFinite ? significant($0) : "–" } }
    guard let longest = texts.joined().map(\.drawnWidth).max(), longest < layout.cell + 8,
      layout.cell >= 22
    else { return }
    for (row, line) in texts.enumerated() {
      for (column, text) in line.enumerated() {
        let isLight = colored[row][column]?.isLight ?? true
        picture.text(
          text, layout.left + (Double(column) + 0.5) * layout.cell,
          layout.top + (Double(row) + 0.5) * layout.cell + 4, .middle,
          of: isLight ? "dark" : "bright")
      }
    }
  }

  private func drawNames(_ layout: Layout, in picture: inout SVG) {
    // As many names as fit: every one, every second, every fifth, ….
    func steps(_ names: [String], _ room: Double) -> Int {
      [1, 2, 5, 10, 20, 50, 100].first { Double($0) * layout.cell >= room } ?? names.count
    }
    let widest = (columns.map(\.drawnWidth).max() ?? 0) + 6
    let floor = layout.top + layout.height
    for place in stride(from: 0, to: rows.count, by: steps(rows, 15)) {
      let middle = layout.top + (Double(place) + 0.5) * layout.cell + 4.5
      picture.text(rows[place], layout.left - 8, middle, .end)
    }
    for place in stride(from: 0, to: columns.count, by: steps(columns, widest)) {
      let middle = layout.left + (Double(place) + 0.5) * layout.cell
      picture.text(columns[place], middle, floor + 18, .middle)
    }
    if !x.isEmpty { picture.text(x, layout.left + layout.width / 2, floor + 42, .middle) }
    if !y.isEmpty {
      picture.text(y, 18, layout.top + layout.height / 2, .middle, turned: -90)
    }
  }

  private func drawScale(_ scale: AxisLayout, _ left: Double, in picture: inout SVG) {
    let steps = 64
    let shades = (0..<steps).map { colors.color(at: 1 - Double($0) / Double(steps - 1)) }
    picture.image(
      PNG(width: 1, height: steps, pixels: shades), left, scale.end, width: 14,
      height: scale.start - scale.end)
    for tick in scale.ticks {
      guard let place = scale.position(tick.value) else { continue }
      picture.line(from: (left + 14, place), to: (left + 18, place), of: "axis")
      picture.text(tick.label, left + 22, place + 4.5)
    }
    if !measure.caption.isEmpty {
      picture.text(
        measure.caption, left + 36 + scale.labelWidth, (scale.start + scale.end) / 2, .middle,
        turned: -90)
    }
  }
}
