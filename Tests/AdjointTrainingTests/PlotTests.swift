import Adjoint
import AdjointNN
import Foundation
import Testing

@testable import AdjointTraining

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A reader of well-formed XML, which keeps what was opened and the texts.
private final class Outline: NSObject, XMLParserDelegate {
  var elements: [(name: String, attributes: [String: String])] = []
  var texts: [String] = []
  private var text = ""

  init?(_ xml: String) {
    super.init()
    let parser = XMLParser(data: Data(xml.utf8))
    parser.delegate = self
    guard parser.parse() else { return nil }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.append((name, attributes))
    text = ""
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if name == "text" { texts.append(text) }
  }

  func count(_ name: String, class style: String) -> Int {
    elements.count { $0.name == name && $0.attributes["class"] == style }
  }

  /// The attribute `d` of paths with a style.
  func paths(_ style: String) -> [String] {
    elements.filter { $0.attributes["class"] == style }.compactMap { $0.attributes["d"] }
  }
}

@Suite("Figures")
struct PlotTests {
  private static let decay = (0..<40).map { 2.3 * exp(-Double($0) / 6) + 0.004 }
  private static let lines = LinePlot(
    title: "Training loss", x: Axis("epoch"), y: Axis("loss", scale: .logarithmic),
    lines: [
      LinePlot.Line(
        "with batch norm",
        runs: (0..<5).map { run in decay.map { $0 * (1 + 0.15 * Double(run - 2)) } }),
      LinePlot.Line("without", y: decay.map { $0.squareRoot() }),
    ])
  private static let bars = BarPlot(
    title: "Time of a step", categories: ["linear", "convolution", "batch norm"],
    y: Axis("time", unit: "ms"),
    series: [
      BarPlot.Series("plain", values: [1.25, 4.5, 2.125], errors: [0.2, 0.5, 0.1]),
      BarPlot.Series("fused", values: [1, 3, -0.5]),
    ])
  private static let map = HeatMap(
    title: "Confusion", values: (0..<6).map { row in (0..<6).map { $0 == row ? 97 : Double($0) } },
    x: "predicted", y: "true", measure: Axis("share", unit: "%"))
  private static let grid = ImageGrid(
    title: "Gradients",
    Tensor(
      (0..<12 * 3 * 64).map { Float($0 % 64) / 63 * Float($0 % 3) / 2 }, shape: [12, 3, 8, 8]),
    captions: (0..<12).map { "image \($0)" }, columns: 6)
  private static let all: [(name: String, figure: any Figure)] = [
    ("lines", lines), ("bars", bars), ("map", map), ("grid", grid),
  ]

  /// With ADJOINT_FIGURES set to a folder, the figures are left there to be looked at.
  @Test func figuresAreWrittenAsWellFormedFiles() throws {
    let wanted = ProcessInfo.processInfo.environment["ADJOINT_FIGURES"]
    let folder = URL(filePath: wanted ?? NSTemporaryDirectory())
      .appending(path: wanted == nil ? "figures-\(UUID())" : "")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { if wanted == nil { try? FileManager.default.removeItem(at: folder) } }
    for (name, figure) in Self.all {
      let file = folder.appending(path: "\(name).svg")
      try figure.write(to: file)
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(text == figure.svg)
      let outline = try #require(Outline(text), "\(name) is no XML")
      #expect(outline.elements[0].name == "svg")
      #expect(outline.texts.contains(figure.title))
      #expect(text.contains("prefers-color-scheme:dark"))
      #expect(!text.contains("nan") && !text.contains("inf"))
    }
  }

  @Test func aLineGoesThroughItsPoints() throws {
    let plot = LinePlot(
      title: "", x: Axis("x", range: 0...10), y: Axis("y", range: 0...1),
      lines: [LinePlot.Line("", x: [0, 5, 10], y: [0, 1, 0.5])])
    let path = try #require(Outline(plot.svg)?.paths("line c0").first)
    let numbers = path.split { "ML ".contains($0) }.compactMap { Double($0) }
    #expect(numbers.count == 6)
    // The middle one lies half way across, and the last half way up.
    #expect(abs(numbers[2] - (numbers[0] + numbers[4]) / 2) < 0.02)
    #expect(abs(numbers[5] - (numbers[1] + numbers[3]) / 2) < 0.02)
    #expect(numbers[3] < numbers[1])
  }

  @Test func gapsBreakALine() throws {
    let plot = LinePlot(
      title: "", x: Axis(""), y: Axis("", scale: .logarithmic),
      lines: [LinePlot.Line("loss", y: [1, 2, .nan, 3, 0, -1, 5, 6, .infinity])])
    let paths = try #require(Outline(plot.svg)).paths("line c0")
    // The legend's, 1–2, 3 alone, 5–6.
    #expect(paths.count == 4)
    #expect(paths[2].hasSuffix("h0"))
  }

  @Test func manyPointsKeepTheirExtremes() throws {
    var values = (0..<100_000).map { sin(Double($0) / 50) }
    values[40_000] = 7
    let plot = LinePlot(
      title: "", x: Axis(""), y: Axis("", range: -8...8), lines: [LinePlot.Line("", y: values)])
    let path = try #require(Outline(plot.svg)?.paths("line c0").first)
    let numbers = path.split { "ML ".contains($0) }.compactMap { Double($0) }
    #expect(numbers.count < 4 * 2 * 730)
    let heights = stride(from: 1, to: numbers.count, by: 2).map { numbers[$0] }
    // ±1 are an eighth of what 8 is from the middle, 7 seven eighths.
    let area = (heights.max()! - heights.sorted()[heights.count / 2]) * 8
    #expect(heights.max()! - heights.min()! > 0.9 * area)
  }

  @Test func aBandIsTheDeviationOfItsRuns() {
    let line = LinePlot.Line("", runs: [[1, 5], [3, 5]])
    #expect(line.y == [2, 5])
    // (1 − 2)² + (3 − 2)² = 2, over n − 1 = 1.
    #expect(line.band == [2 - 2.0.squareRoot()...2 + 2.0.squareRoot(), 5...5])
  }

  @Test func barsOfRunsReachFromTheLeastToTheGreatest() throws {
    let plot = BarPlot(
      title: "", categories: ["a", "b"], y: Axis("", range: 0...10),
      series: [BarPlot.Series("", runs: [[1, 2, 6], [4]])])
    #expect(plot.series[0].values == [3, 4])
    #expect(plot.series[0].ranges == [1...6, 4...4])
    let outline = try #require(Outline(plot.svg))
    // One whisker with two ends; where all runs agree there is none.
    let whiskers = outline.paths("error").map { path in
      path.split { "ML ".contains($0) }.compactMap { Double($0) }
    }
    #expect(whiskers.count == 3)
    let bar = try #require(outline.elements.first { $0.attributes["class"] == "f0" }).attributes
    let height = try #require(bar["height"].flatMap(Double.init))
    // The bar is 3 high, the whisker 5.
    #expect(abs(abs(whiskers[0][1] - whiskers[0][3]) - height / 3 * 5) < 0.05)
    #expect(bar.count > 0 && plot.svg.contains("a: 3, 1 to 6"))
  }

  @Test(
    "Ticks are round, and written without noise",
    arguments: [
      (0.0, 1.0, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      (0, 30, ["0", "5", "10", "15", "20", "25", "30"]),
      (-0.3, 0.31, ["−0.4", "−0.2", "0", "0.2", "0.4"]),
      (1e7, 3e7, ["1e7", "1.5e7", "2e7", "2.5e7", "3e7"]),
      (0, 2.5e-6, ["0", "5e−7", "1e−6", "1.5e−6", "2e−6", "2.5e−6"]),
      (1000.001, 1000.003, ["1000.0010", "1000.0015", "1000.0020", "1000.0025", "1000.0030"]),
    ] as [(Double, Double, [String])])
  func linearTicks(_ least: Double, _ most: Double, _ labels: [String]) {
    let found = Ticks(.linear, least, most, target: 6).labeled.map(\.label)
    #expect(found == labels)
  }

  @Test(
    arguments: [
      (0.001, 100.0, ["0.001", "0.01", "0.1", "1", "10", "100"]),
      (0.3, 4, ["0.2", "0.5", "1", "2", "5"]),
      (1e-30, 1, ["1e−30", "1e−25", "1e−20", "1e−15", "1e−10", "1e−5", "1"]),
    ] as [(Double, Double, [String])])
  func logarithmicTicks(_ least: Double, _ most: Double, _ labels: [String]) {
    #expect(Ticks(.logarithmic, least, most, target: 6).labeled.map(\.label) == labels)
  }

  @Test func everyRangeHasALayout() {
    let values = [
      0, -0.0, 1, -1, 1e300, -1e300, 1e-200, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
      .nan, .infinity, .leastNonzeroMagnitude, 1.nextUp,
    ]
    for scale in [Axis.Scale.linear, .logarithmic] {
      for first in values {
        for second in values {
          let layout = Axis("", scale: scale).laidOut(over: [first, second], from: 0, to: 400)
          #expect(layout.least < layout.most)
          for value in values {
            let place = layout.position(value)
            #expect(place?.isFinite ?? true, "\(scale) \(first) \(second) \(value)")
          }
        }
      }
    }
  }

  @Test func namesCannotBreakTheFile() throws {
    let name = "<b> & \"q\" \u{1} 'é' ]]>"
    let plot = BarPlot(
      title: name, categories: [name], y: Axis(name),
      series: [BarPlot.Series(name, values: [1]), BarPlot.Series(name, values: [.nan])])
    let outline = try #require(Outline(plot.svg))
    #expect(outline.texts.count { $0 == "<b> & \"q\"  'é' ]]>" } == 5)
    #expect(outline.count("rect", class: "f0") == 2 && outline.count("rect", class: "f1") == 1)
  }

  @Test func picturesOfNothingAreDrawn() {
    #expect(Outline(LinePlot(title: "", x: Axis(""), y: Axis(""), lines: []).svg) != nil)
    #expect(Outline(BarPlot(title: "", categories: [], y: Axis(""), series: []).svg) != nil)
    #expect(Outline(HeatMap(title: "", values: [[.nan]]).svg) != nil)
    #expect(Outline(ImageGrid(title: "", .zeros([0, 4, 4])).svg) != nil)
  }

  @Test func imagesOfTheLargestNumbersAreDrawn() {
    let images = Tensor([-1.7e308, 1.7e308] as [Double], shape: [1, 1, 2])
    let (large, small) = (
      ImageGrid(title: "", images, range: nil), ImageGrid(title: "", images / 1.7e308, range: nil)
    )
    #expect(large.svg == small.svg)
  }

  @Test func countsThatCannotGoOnStop() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var training = TrainingState(BatchNorm(1), Adam(), generator: Philox(seed: 1))
      training.epoch = .max
      training.finishEpoch(Philox(seed: 1))
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      output.contains("TrainingState: 9223372036854775807 epochs and 1 more cannot be counted"))
  }

  /// The bytes of a picture of one red pixel, as Python's zlib makes them at level 0.
  @Test func aRasterPictureHasItsChecksums() {
    let png = PNG(width: 1, height: 1, pixels: [SIMD3(255, 0, 0)])
    let expected: [UInt8] =
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + [0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]
      + [0x90, 0x77, 0x53, 0xDE]
      + [0, 0, 0, 15, 0x49, 0x44, 0x41, 0x54, 0x78, 0x01, 1, 4, 0, 0xFB, 0xFF, 0, 255, 0, 0]
      + [0x03, 0x01, 0x01, 0x00, 0x8D, 0x1D, 0xE5, 0x82]
      + [0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]
    #expect(png.bytes == expected)
  }
}
