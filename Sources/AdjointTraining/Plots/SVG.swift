import Adjoint

/// An SVG picture being drawn, in units of a pixel, from the upper left corner.
struct SVG {
  private let title: String
  private let width: Double
  private let height: Double
  private var elements: [String] = []

  init(width: Double, height: Double, title: String) {
    (self.width, self.height, self.title) = (width, height, title)
  }

  /// Where a text is from the point that is given.
  enum Anchor: String { case start, middle, end }

  /// Writes a text; turned by so many degrees about its point.
  mutating func text(
    _ text: String, _ x: Double, _ y: Double, _ anchor: Anchor = .start, of style: String = "ink",
    turned angle: Double = 0
  ) {
    let turn = angle == 0 ? "" : " transform=\"rotate(\(angle.brief) \(x.brief) \(y.brief))\""
    elements.append(
      """
      <text x="\(x.brief)" y="\(y.brief)" text-anchor="\(anchor.rawValue)" \
      class="\(style)"\(turn)>\(text.escaped)</text>
      """)
  }

  /// Draws a straight line.
  mutating func line(
    from start: (x: Double, y: Double), to end: (x: Double, y: Double), of style: String
  ) {
    path("M\(start.x.brief) \(start.y.brief)L\(end.x.brief) \(end.y.brief)", of: style)
  }

  /// Draws a dot, as wide as lines of the style are.
  mutating func dot(at point: (x: Double, y: Double), of style: String) {
    lines(through: [point], of: style)
  }

  /// Draws lines from point to point; one point alone becomes a dot.
  mutating func lines(through points: [(x: Double, y: Double)], of style: String) {
    guard let first = points.first else { return }
    let rest = points.dropFirst().map { "L\($0.x.brief) \($0.y.brief)" }
    path("M\(first.x.brief) \(first.y.brief)" + (rest.isEmpty ? "h0" : rest.joined()), of: style)
  }

  /// Fills what is within lines from point to point.
  mutating func area(within points: [(x: Double, y: Double)], of style: String) {
    let corners = points.map { "\($0.x.brief) \($0.y.brief)" }
    path("M" + corners.joined(separator: "L") + "Z", of: style)
  }

  private mutating func path(_ path: String, of style: String) {
    elements.append("<path d=\"\(path)\" class=\"\(style)\"/>")
  }

  /// Draws a rectangle, with a text that is shown to who points at it.
  mutating func rectangle(
    _ x: Double, _ y: Double, width: Double, height: Double, of style: String, hint: String = ""
  ) {
    let start =
      """
      <rect x="\(x.brief)" y="\(y.brief)" width="\(width.brief)" height="\(height.brief)" \
      class="\(style)"
      """
    elements.append(
      start + (hint.isEmpty ? "/>" : "><title>\(hint.escaped)</title></rect>"))
  }

  /// Draws a rectangle in a colour that is the same on any paper.
  mutating func rectangle(
    _ x: Double, _ y: Double, width: Double, height: Double, colored color: SIMD3<UInt8>
  ) {
    elements.append(
      """
      <rect x="\(x.brief)" y="\(y.brief)" width="\(width.brief)" height="\(height.brief)" \
      fill="rgb(\(color.x),\(color.y),\(color.z))" shape-rendering="crispEdges"/>
      """)
  }

  /// Shows a raster picture, each of its pixels a rectangle with sharp edges.
  mutating func image(_ png: PNG, _ x: Double, _ y: Double, width: Double, height: Double) {
    elements.append(
      """
      <image x="\(x.brief)" y="\(y.brief)" width="\(width.brief)" height="\(height.brief)" \
      preserveAspectRatio="none" class="pixels" \
      href="data:image/png;base64,\(png.base64)"/>
      """)
  }

  /// The whole file.
  var file: String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width.brief) \(height.brief)" \
    width="\(width.brief)" height="\(height.brief)" role="img" \
    font-family="Helvetica, Arial, sans-serif" font-size="13">
    <title>\(title.escaped)</title>
    <style>
    \(Palette.styles)
    </style>
    <rect width="100%" height="100%" class="paper"/>
    \(elements.joined(separator: "\n"))
    </svg>

    """
  }
}

extension String {
  /// With what has a meaning in XML spelled out, and without characters that it forbids.
  var escaped: String {
    var result = ""
    for character in unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\t", "\n", "\r": result += " "
      case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": continue
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// About how wide the text is at 13 pixels, in an ordinary typeface.
  var drawnWidth: Double { Double(count) * 7.2 }
}

extension Double {
  /// With two decimals at most.
  var brief: String {
    let hundredths = (self * 100).rounded()
    guard abs(hundredths) < 0x1p53 else { return "\(self)" }
    return hundredths.remainder(dividingBy: 100) == 0
      ? "\(Int(hundredths / 100))" : "\(hundredths / 100)"
  }
}
