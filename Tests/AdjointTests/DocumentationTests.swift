import AdjointFixtures
import Foundation
import Testing

/// Code in the documentation is code of an example or of a test whose file's name ends in `Listings`, which are
/// built and run. (That of the README is built as a package of its own by `.ci/run`.)
@Suite("The documentation")
struct DocumentationTests {
  @Test func everyBlockOfCodeStandsInAnExample() throws {
    let listings = try SourceFiles.all("swift", in: "Tests").filter {
      $0.name.hasSuffix("Listings.swift")
    }
    let examples = try (SourceFiles.all("swift", in: "Examples") + listings).map { lines($0.text) }
    let pages = try SourceFiles.all("md", in: "Docs")
    #expect(pages.count >= 4)
    var count = 0
    for page in pages {
      for block in blocks(page.text) {
        count += 1
        #expect(
          examples.contains { contains($0, block) }, "\(page.name): not in an example:\n\(block)")
      }
    }
    #expect(count >= 5)
  }

  @Test func linksToFilesLeadSomewhere() throws {
    let readme = try String(
      contentsOf: SourceFiles.root.appendingPathComponent("README.md"), encoding: .utf8)
    let links = readme.matches(of: /\]\(([^)]+)\)/).map { String($0.1) }
    #expect(links.count >= 5)
    for link in links where !link.hasPrefix("http") {
      let file = SourceFiles.root.appendingPathComponent(link)
      #expect(FileManager.default.fileExists(atPath: file.path), "\(link)")
    }
  }

  /// The blocks of Swift code of a page.
  private func blocks(_ page: String) -> [[String]] {
    page.components(separatedBy: "```swift\n").dropFirst().map { rest in
      lines(rest.components(separatedBy: "\n```")[0])
    }
  }

  /// The lines that are not empty, without what is only spacing.
  private func lines(_ text: String) -> [String] {
    text.split(separator: "\n").map { line in
      line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }.filter { !$0.isEmpty }
  }

  private func contains(_ text: [String], _ block: [String]) -> Bool {
    guard let first = block.first, text.count >= block.count else { return false }
    return text.indices.contains { start in
      text[start] == first && Array(text[start...].prefix(block.count)) == block
    }
  }
}
