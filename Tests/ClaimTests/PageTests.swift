import AdjointFixtures
import Foundation
import Testing

@testable import ClaimExperiments

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Finds what a figure draws outside of its edges.
private final class Geometry: NSObject, XMLParserDelegate {
  private(set) var outside: [String] = []
  private(set) var drawn = 0
  private(set) var texts: [String] = []
  private var size = (width: 0.0, height: 0.0)
  private var text: (x: Double, anchor: String, isTurned: Bool)?
  private var content = ""

  init?(_ svg: String) {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    guard parser.parse() else { return nil }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    func number(_ name: String) -> Double { attributes[name].flatMap(Double.init) ?? 0 }
    content = ""
    switch name {
    case "svg": size = (number("width"), number("height"))
    case "rect" where attributes["class"] != "paper":
      check((number("x"), number("y")), "a rectangle")
      check((number("x") + number("width"), number("y") + number("height")), "a rectangle")
    case "path":
      let numbers = (attributes["d"] ?? "").split { "MLZh ".contains($0) }.compactMap { Double($0) }
      // A dot ends in a length of its own.
      for place in stride(from: 0, to: numbers.count - 1, by: 2) {
        check((numbers[place], numbers[place + 1]), "a line")
      }
    case "text":
      check((number("x"), number("y")), "a text")
      text = (number("x"), attributes["text-anchor"] ?? "", attributes["transform"] != nil)
    default: break
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { content += string }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    guard name == "text", let text else { return }
    texts.append(content)
    self.text = nil
    guard !text.isTurned else { return }
    // An ordinary typeface is about as wide.
    let width = Double(content.count) * 6.2
    let start =
      text.anchor == "end" ? text.x - width : text.anchor == "middle" ? text.x - width / 2 : text.x
    if start < -4 || start + width > size.width + 4 { outside.append(content) }
  }

  private func check(_ point: (x: Double, y: Double), _ what: String) {
    drawn += 1
    if !(0...size.width).contains(point.x) || !(0...size.height).contains(point.y) {
      outside.append("\(what) at \(point)")
    }
  }
}

@Suite("The page of claims")
struct PageTests {
  private static let conditions = Conditions(
    Setting(isQuick: true, seedCount: 10, data: Images.few))

  private static func file() throws -> ResultsFile {
    var file = ResultsFile(conditions)
    for one in try Favourable.all().reversed() { file.add(one.finding) }
    return file
  }

  @Test func plotsStayWithinTheirEdges() throws {
    for finding in try Self.file().findings {
      #expect(!finding.plots.isEmpty)
      for plot in finding.plots {
        let geometry = try #require(Geometry(plot.svg), "\(plot.title) is no XML")
        #expect(geometry.outside.isEmpty, "\(finding.claim.name): \(geometry.outside)")
        #expect(geometry.drawn > 10)
        #expect(geometry.texts.contains(plot.title))
        #expect(plot.svg.contains("prefers-color-scheme:dark"))
      }
    }
  }

  @Test func thePageHasEveryClaimAndItsPlots() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "claims-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let page = folder.appending(path: "Claims.md")
    try Page(Self.file()).write(to: page)
    let text = try String(contentsOf: page, encoding: .utf8)
    #expect(text.matches(of: /\| \d+ \| .*\*\*holds\*\*/).count == 18)
    let images = text.matches(of: /!\[.+\]\(([^)]+)\)/).map { String($0.1) }
    #expect(images.count >= 18 && Set(images).count == images.count)
    for image in images {
      let file = folder.appending(path: image)
      #expect(FileManager.default.fileExists(atPath: file.path), "\(image)")
    }
    #expect(!text.contains("nan") && !text.contains("inf "))
  }

  /// The page of the documentation, and its plots, are those of the numbers that are kept beside the experiments.
  @Test func thePageOfTheDocumentationIsThatOfItsNumbers() throws {
    let numbers = SourceFiles.root.appending(path: "Examples/9-Claims/full.avx2.json")
    let file = try ResultsFile(reading: numbers)
    #expect(file.findings.count == allClaims.count)
    let pages = SourceFiles.root.appending(path: "Docs/Adjoint.docc")
    func text(_ name: String) throws -> String {
      try String(contentsOf: pages.appending(path: name), encoding: .utf8)
    }
    #expect(try text("Claims.md") == Page(file).text)
    // No number is there as the machine writes it.
    #expect(Page(file).text.firstMatch(of: /\d\.\d{5}/) == nil)
    var drawn: Set<String> = []
    for finding in file.findings {
      for (number, plot) in finding.plots.enumerated() {
        drawn.insert(finding.fileName(number))
        #expect(try text(finding.fileName(number)) == plot.svg)
      }
    }
    let kept = try FileManager.default.contentsOfDirectory(atPath: pages.path)
    #expect(Set(kept.filter { $0.hasPrefix("claim-") }) == drawn)
  }

  @Test func resultsAreReadAsTheyWereWritten() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "claims-\(UUID()).json")
    defer { try? FileManager.default.removeItem(at: file) }
    let written = try Self.file()
    try written.write(to: file)
    let read = try ResultsFile(reading: file, Self.conditions)
    #expect(read.findings.map(\.numbers) == written.findings.map(\.numbers))
    #expect(read.findings.map(\.verdict) == written.findings.map(\.verdict))
    #expect(Page(read).text == Page(written).text)
  }

  @Test func resultsThatDoNotFitAreNotBelieved() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "claims-\(UUID()).json")
    defer { try? FileManager.default.removeItem(at: file) }
    try Self.file().write(to: file)
    let text = try String(contentsOf: file, encoding: .utf8)
    func message(_ changed: String, _ conditions: Conditions = Self.conditions) throws -> String {
      try Data(changed.utf8).write(to: file)
      do {
        _ = try ResultsFile(reading: file, conditions)
        return "believed"
      } catch {
        return "\(error)"
      }
    }
    #expect(try message(text) == "believed")
    #expect(
      try message(text.replacing("0.905", with: "0.915", maxReplacements: 1)).contains("damaged"))
    #expect(try message(String(text.dropLast(40))).contains("does not hold results of claims"))
    #expect(try message(text.replacing("\"steps\"", with: "\"stops\"")).contains("does not hold"))
    #expect(
      try message(text.replacing("\"version\":2", with: "\"version\":1")).contains("of other"))
    let others = Conditions(Setting(isQuick: true, seedCount: 4, data: Images.few))
    #expect(try message(text, others).contains("of other experiments"))
  }
}
