/// The picture of a plot with two axes: title, legend, grid, and room for what is drawn.
struct PlotArea {
  static let width = 720.0
  static let height = 420.0

  let x: AxisLayout
  let y: AxisLayout
  private(set) var picture: SVG
  private let top: Double
  private let bottom: Double
  private static let right = PlotArea.width - 24

  /// A name in the legend, with the number of its colour and what stands for it.
  struct Entry {
    enum Sign { case line, point, area }

    let name: String
    let number: Int
    let sign: Sign
  }

  /// Lays out the axes for values, with so much room below for names of places.
  init(
    _ title: String, legend: [Entry], x: Axis, over xValues: [Double], _ xFit: Axis.Fit, y: Axis,
    over yValues: [Double], roomBelow: Double = 18
  ) {
    let rows = PlotArea.rows(of: legend)
    top = (title.isEmpty ? 16 : 44) + 22 * Double(rows.count)
    bottom = PlotArea.height - roomBelow - (x.caption.isEmpty ? 10 : 30)
    self.y = y.laidOut(over: yValues, from: bottom, to: top)
    let left = self.y.labelWidth + (y.caption.isEmpty ? 16 : 38)
    self.x = x.laidOut(over: xValues, from: left, to: PlotArea.right, xFit)
    picture = SVG(width: PlotArea.width, height: PlotArea.height, title: title)
    picture.text(title, left, 26, of: "title")
    drawLegend(rows, left)
    drawY()
    if !x.caption.isEmpty {
      picture.text(x.caption, (left + PlotArea.right) / 2, PlotArea.height - 10, .middle)
    }
  }

  /// The legend in rows that fit.
  private static func rows(of legend: [Entry]) -> [[Entry]] {
    var (rows, width): ([[Entry]], Double) = ([], .infinity)
    for entry in legend where !entry.name.isEmpty {
      let its = entry.name.drawnWidth + 52
      if width + its > right - 60 {
        rows.append([])
        width = 0
      }
      rows[rows.count - 1].append(entry)
      width += its
    }
    return rows
  }

  private mutating func drawLegend(_ rows: [[Entry]], _ left: Double) {
    for (number, row) in rows.enumerated() {
      var x = left
      let y = top - 22 * Double(rows.count - number) + 4
      for entry in row {
        switch entry.sign {
        case .line: picture.line(from: (x, y), to: (x + 24, y), of: Palette.line(entry.number))
        case .point: picture.dot(at: (x + 14, y), of: Palette.dot(entry.number))
        case .area:
          picture.rectangle(
            x + 8, y - 6, width: 12, height: 12, of: Palette.area(entry.number))
        }
        picture.text(entry.name, x + 30, y + 4.5)
        x += entry.name.drawnWidth + 52
      }
    }
  }

  private mutating func drawY() {
    for tick in y.ticks {
      guard let place = y.position(tick.value) else { continue }
      picture.line(from: (x.start, place), to: (x.end, place), of: "grid")
      picture.text(tick.label, x.start - 8, place + 4.5, .end)
    }
    if !y.axis.caption.isEmpty {
      picture.text(y.axis.caption, 18, (top + bottom) / 2, .middle, turned: -90)
    }
  }

  /// Draws the numbers at the lower axis.
  mutating func drawXTicks() {
    for tick in x.ticks {
      guard let place = x.position(tick.value) else { continue }
      picture.line(from: (place, bottom), to: (place, bottom + 5), of: "axis")
      picture.text(tick.label, place, bottom + 20, .middle)
    }
  }

  /// Draws the line of the lower axis, over what was drawn; at a height, if that is in the picture.
  mutating func drawXAxis(at height: Double? = nil) {
    let level = height.flatMap(y.position) ?? bottom
    let place = min(max(level, top), bottom)
    picture.line(from: (x.start, place), to: (x.end, place), of: "axis")
  }

  /// Draws within the picture.
  mutating func draw(_ body: (inout SVG) -> Void) { body(&picture) }

  /// Where the lower axis is.
  var floor: Double { bottom }
}
