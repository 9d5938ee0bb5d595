import AdjointFixtures
import Foundation
import Testing

/// The page of names elsewhere, held against the sources in both directions.
@Suite("The page of names elsewhere")
struct NamesElsewhereTests {
  @Test func everyOperationLayerLossAndOptimizerIsListed() throws {
    let listed = try names()
    for operation in try operations() {
      #expect(listed.contains(operation), "no row has the operation \(operation)")
    }
    for name in try publicNames() {
      #expect(listed.contains(name), "no row has \(name)")
    }
  }

  @Test func everyNameOfATableIsInTheSources() throws {
    let sources = try SourceFiles.swift(in: "Sources").map(\.text).joined()
    let declared = Set(
      sources.matches(of: /\b(?:func|struct|enum|typealias|let|var|case)\s+`?(\w+)/)
        .map { String($0.1) })
    for name in try names() {
      #expect(declared.contains(name), "there is no \(name) in the sources")
    }
  }

  /// The identifiers in the first columns of the page's tables; of `Schedule.step` the last part, and of `Conv2D(…)`
  /// what stands before the brackets.
  private func names() throws -> Set<String> {
    let page = try #require(
      SourceFiles.all("md", in: "Docs").first { $0.name == "NamesElsewhere.md" })
    let rows = page.text.split(separator: "\n").filter { $0.hasPrefix("| `") }
    #expect(rows.count > 100)
    let cells = rows.flatMap { row in
      row.split(separator: "|")[0].matches(of: /`([^`]+)`/).map { $0.1 }
    }
    return Set(
      cells.compactMap { cell in
        cell.split(separator: "(")[0].split(separator: ".").last.map(String.init)
      }.filter { $0.wholeMatch(of: /[A-Za-z]\w+/) != nil })
  }

  /// The methods of tensors.
  private func operations() throws -> Set<String> {
    var found: Set<String> = []
    for file in try SourceFiles.swift(in: "Sources/Adjoint/Operations")
    where file.name != "Tensor+EarlierNames.swift" {
      var isInside = false
      for line in file.text.split(separator: "\n") {
        if line == "extension Tensor {" { isInside = true }
        if line == "}" { isInside = false }
        if isInside, let match = line.firstMatch(of: /^  public (?:static )?func (\w+)/) {
          found.insert(String(match.1))
        }
      }
    }
    #expect(found.count > 120)
    return found
  }

  /// The layers, optimizers, losses, metrics and schedules of AdjointNN.
  private func publicNames() throws -> Set<String> {
    var found: Set<String> = []
    for file in try SourceFiles.swift(in: "Sources/AdjointNN") {
      let pattern =
        /public (?:struct|enum) (\w+)(?:<[^{]*>)?: (?:\w+, )*(?:Layer|StatelessLayer|Module|Optimizer|AdamFamily)\b/
      found.formUnion(file.text.matches(of: pattern).map { String($0.1) })
    }
    for folder in ["Losses", "Metrics"] {
      for file in try SourceFiles.swift(in: "Sources/AdjointNN/\(folder)") {
        found.formUnion(
          file.text.split(separator: "\n").compactMap {
            $0.firstMatch(of: /^public func (\w+)/).map { String($0.1) }
          })
      }
    }
    for folder in ["Schedules", "Initializers"] {
      for file in try SourceFiles.swift(in: "Sources/AdjointNN/\(folder)") {
        found.formUnion(
          file.text.matches(of: /\n  public static func (\w+)/).map { String($0.1) })
      }
    }
    #expect(found.count > 100)
    return found
  }
}
