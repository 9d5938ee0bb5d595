/// The colours of figures, on light and on dark paper.
enum Palette {
  /// Colours that people with any kind of colour vision tell apart, and for dark paper lighter ones of
  /// the same hues.
  ///
  /// Source: Okabe & Ito, "Color universal design" (2008).
  private static let series: [(light: String, dark: String)] = [
    ("#0072b2", "#56a8e8"), ("#d55e00", "#ff8d4a"), ("#009e73", "#2fc79b"),
    ("#b0568a", "#e29cc8"), ("#b87f00", "#f0b73c"), ("#3a9bd4", "#93d0f7"), ("#6b6b6b", "#b0b0b0"),
  ]

  /// Dashes, for lines beyond as many as there are colours.
  private static let dashes = ["", "7 4", "2 3"]

  /// The class of the line with a number.
  static func line(_ number: Int) -> String {
    let dash = number / series.count % dashes.count
    return "line c\(number % series.count)" + (dash == 0 ? "" : " d\(dash)")
  }

  /// The class of a dot in the colour of a number.
  static func dot(_ number: Int) -> String { "line dot c\(number % series.count)" }

  /// The class of the area in the colour of a number.
  static func area(_ number: Int) -> String { "f\(number % series.count)" }

  /// The class of a band about the line with a number.
  static func band(_ number: Int) -> String { area(number) + " band" }

  /// The style sheet. Where a program knows no media queries, what is light stays.
  static var styles: String {
    """
    .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
    .dot{stroke-width:6;stroke-opacity:.7}
    .band{fill-opacity:.2}
    .title{font-size:16px}
    .small{font-size:11px}
    .pixels{image-rendering:optimizeSpeed;image-rendering:pixelated}
    .dark{fill:#111}.bright{fill:#fff}
    \(dashes.enumerated().dropFirst().map { ".d\($0){stroke-dasharray:\($1)}" }.joined())
    \(styles(paper: "#ffffff", ink: "#24292f", grid: "#dfe3e8", axis: "#8c959f") { $0.light })
    @media (prefers-color-scheme:dark){
    \(styles(paper: "#0d1117", ink: "#dbe2ea", grid: "#2b323b", axis: "#75808c") { $0.dark })
    }
    """
  }

  private static func styles(
    paper: String, ink: String, grid: String, axis: String,
    _ color: ((light: String, dark: String)) -> String
  ) -> String {
    let colors = series.enumerated().map { number, pair in
      ".c\(number){stroke:\(color(pair))}.f\(number){fill:\(color(pair))}"
    }
    return """
      .paper{fill:\(paper)}.ink,.title,.small{fill:\(ink)}\
      .grid{stroke:\(grid)}.axis{stroke:\(axis);fill:none}.error{stroke:\(ink);stroke-width:1.5}\
      .missing{fill:\(grid)}
      \(colors.joined())
      """
  }
}

/// Colours for numbers: what a heat map paints with.
public enum ColorMap: Sendable {
  /// From dark blue to yellow, even in lightness: for amounts.
  ///
  /// Source: Smith & van der Walt, "A better default colormap for Matplotlib" (2015), sampled.
  case viridis
  /// From blue by way of nearly white to red: for what lies on both sides of the middle.
  ///
  /// Source: Harrower & Brewer, "ColorBrewer.org" (2003), RdBu.
  case diverging
  /// From black to white.
  case gray

  /// Colours at even distances.
  private var samples: [SIMD3<Double>] {
    switch self {
    case .viridis:
      [
        [68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129],
        [92, 200, 99], [170, 220, 50], [253, 231, 37],
      ]
    case .diverging:
      [
        [33, 102, 172], [67, 147, 195], [146, 197, 222], [209, 229, 240], [247, 247, 247],
        [253, 219, 199], [244, 165, 130], [214, 96, 77], [178, 24, 43],
      ]
    case .gray: [[0, 0, 0], [255, 255, 255]]
    }
  }

  /// The colour at a place from 0 to 1.
  func color(at place: Double) -> SIMD3<UInt8> {
    let samples = samples
    let position = min(max(place, 0), 1) * Double(samples.count - 1)
    let index = min(Int(position), samples.count - 2)
    let share = position - Double(index)
    let mixed = samples[index] * (1 - share) + samples[index + 1] * share
    return SIMD3<UInt8>(clamping: SIMD3<Int>(mixed.rounded(.toNearestOrEven)))
  }
}

extension SIMD3<UInt8> {
  /// Whether dark ink reads better on the colour than light ink.
  var isLight: Bool { 0.299 * Double(x) + 0.587 * Double(y) + 0.114 * Double(z) > 140 }
}
