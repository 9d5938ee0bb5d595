import AdjointFixtures
import Foundation
import Testing

/// Which folder may name what: a line stands in the lowest room that knows every noun in it.
@Suite("The arrows between folders")
struct ArrowTests {
  /// The folders of `Sources/Adjoint`, each with those that it may name.
  static let arrows: [String: Set<String>] = [
    "Machine": [],
    "Values": ["Machine"],
    "Kernels": ["Values", "Machine"],
    "Graph": ["Values"],
    "Tape": ["Graph", "Kernels", "Values", "Machine"],
    "Operations": ["Tape", "Graph", "Kernels", "Values", "Machine"],
    "Functions": ["Operations", "Tape", "Graph", "Kernels", "Values"],
  ]

  /// What a folder names beyond its arrows, each with the reason.
  static let exceptions: [String: Set<String>] = [
    // A tensor may stand for a value on a tape.
    "Values": ["Tape"],
    // An operation has kernels, which get a frame and memory, and a rule, which gets a pullback.
    "Graph": ["KernelFrame", "CompiledFrame", "Scratch", "Workspace", "Pullback"],
    // How an operation is run stands with the frame that it is run on.
    "Kernels": ["Operation"],
    // Cotangents are added, and a value gets a second number.
    "Tape": ["Identity"],
  ]

  struct Source {
    let folder: String
    let name: String
    let code: String
  }

  /// The names that are declared at the top of a file: types.
  static func declarations(in code: String) -> Set<String> {
    let pattern =
      /^(?:public |package |internal |fileprivate |private |final |indirect )*(?:struct|class|enum|protocol|typealias) (\w+)/
      .anchorsMatchLineEndings()
    return Set(
      code.matches(of: pattern).filter {
        !$0.0.hasPrefix("private") && !$0.0.hasPrefix("fileprivate")
      }
      .map { String($0.1) })
  }

  /// The code without comments and texts.
  static func plain(_ text: String) -> String {
    var isText = false
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
      if line.contains(#"""""#) {
        isText.toggle()
        return ""
      }
      if isText { return "" }
      let code = line.replacing(/"(?:[^"\\]|\\.)*"/, with: "")
      return String(code.prefix(upTo: code.range(of: "//")?.lowerBound ?? code.endIndex))
    }.joined(separator: "\n")
  }

  /// The names in a source that its folder may not use.
  static func violations(_ sources: [Source]) -> [String] {
    var owners: [String: Set<String>] = [:]
    for source in sources {
      for name in declarations(in: source.code) { owners[name, default: []].insert(source.folder) }
    }
    return sources.flatMap { source -> [String] in
      let allowed = (arrows[source.folder] ?? []).union([source.folder])
      let words = Set(source.code.matches(of: /\b[A-Za-z_]\w*/).map { String($0.0) })
      return words.sorted().compactMap { word in
        guard let folders = owners[word], folders.isDisjoint(with: allowed),
          exceptions[source.folder]?.contains(word) != true
        else { return nil }
        return "\(source.folder)/\(source.name) names \(word) of \(folders.sorted()[0])"
      }
    }
  }

  @Test func everyFolderNamesOnlyWhatItMay() throws {
    let sources = try Self.arrows.keys.sorted().flatMap { folder in
      try SourceFiles.all("swift", in: "Sources/Adjoint/\(folder)").map {
        Source(folder: folder, name: $0.name, code: Self.plain($0.text))
      }
    }
    #expect(sources.count > 60)
    let violations = Self.violations(sources)
    #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))")
  }

  @Test func aNameFromAboveIsFound() {
    let sources = [
      Source(folder: "Operations", name: "Sum.swift", code: "struct Sum: Operation {\n}"),
      Source(folder: "Graph", name: "Graph.swift", code: "struct Graph {\n  let x = Sum()\n}"),
      Source(
        folder: "Machine", name: "Pool.swift",
        code: Self.plain("struct Pool {} // Graph\nlet s = \"Graph\"")),
    ]
    #expect(Self.violations(sources) == ["Graph/Graph.swift names Sum of Operations"])
  }

  @Test func layersNameNoKernels() throws {
    let kernels: Set = ["KernelFrame", "KernelCall", "InstructionSet", "AdjointKernels", "Storage"]
    for target in ["AdjointNN", "AdjointData", "AdjointTraining", "AdjointCheck"] {
      for (name, text) in try SourceFiles.all("swift", in: "Sources/\(target)") {
        let words = Set(Self.plain(text).matches(of: /\b[A-Za-z_]\w*/).map { String($0.0) })
        #expect(words.isDisjoint(with: kernels), "\(target)/\(name)")
      }
    }
  }

  @Test func theTapeAndTheWalkAreShort() throws {
    let files = try SourceFiles.all("swift", in: "Sources/Adjoint")
    for name in ["Tape.swift", "Graph+Walk.swift"] {
      let file = try #require(files.first { $0.name == name })
      #expect(file.text.split(separator: "\n", omittingEmptySubsequences: false).count <= 200)
    }
  }

  @Test func aLongFileSaysWhy() throws {
    var count = 0
    for ending in ["swift", "c", "h", "inc"] {
      for (name, text) in try SourceFiles.all(ending, in: "Sources") {
        count += 1
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let saysWhy = lines.prefix(20).contains { $0.contains("Longer than 250 lines: ") }
        #expect(lines.count <= 251 || saysWhy, "\(name) has \(lines.count) lines")
      }
    }
    #expect(count > 120)
  }
}
