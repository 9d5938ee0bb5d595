import Adjoint
import AdjointData
import Foundation

/// How JSON is written and read: numbers to the last bit, names in order, each part on a line.
enum JSON {
  static func text(of value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}

/// What has to agree for results to be of the same experiments.
package struct Conditions: Codable, Equatable, Sendable {
  /// `quick` or `full`.
  let budget: String
  /// How many seeds.
  let seeds: Int
  /// The images.
  let data: String
  /// The instruction set.
  let instructions: String
  /// Changes with the experiments.
  private static let currentVersion = 2
  private(set) var version = currentVersion

  package init(_ setting: Setting) {
    budget = setting.isQuick ? "quick" : "full"
    seeds = setting.seedCount
    data = setting.data.name
    instructions = InstructionSet.current.description
  }

  /// The same for the experiments as they are now.
  fileprivate var current: Conditions {
    var copy = self
    copy.version = Conditions.currentVersion
    return copy
  }
}

/// The results of the claims that are finished, in a file that a run can go on from.
///
/// All but the lines of seconds is the same, bit for bit, on the same instruction set.
package struct ResultsFile: Sendable {
  let conditions: Conditions
  package private(set) var findings: [Finding] = []

  package init(_ conditions: Conditions) { self.conditions = conditions }

  /// Where this package keeps the numbers of its page.
  package static func path(_ conditions: Conditions) -> String {
    "Examples/9-Claims/full.\(conditions.instructions).json"
  }

  /// The finding of a claim, if it is finished.
  package func finding(of claim: some Claim) -> Finding? {
    findings.first { $0.claim.number == claim.number }
  }

  /// Adds a finding, in the order of the claims.
  package mutating func add(_ finding: Finding) {
    findings.append(finding)
    findings.sort { $0.claim.number < $1.claim.number }
  }

  /// Writes the file; an old one survives any failure.
  package func write(to file: URL) throws {
    let claims = findings.map { "\"\($0.claim.number)\": \($0.numbers)" }
    let seconds = try findings.map { "\"\($0.claim.number)\": \(try JSON.text(of: $0.timings))" }
    let text = """
      {
      "conditions": \(try JSON.text(of: conditions)),
      "claims": {
      \(claims.joined(separator: ",\n"))
      },
      "checksum": \(ResultsFile.checksum(of: findings)),
      "seconds": {\(seconds.joined(separator: ", "))}
      }

      """
    try AtomicFile.write(to: file) { writer throws(FileError) in try writer.write(text) }
  }

  private static func checksum(of findings: [Finding]) -> UInt32 {
    CRC32.of(Array(findings.map { "\($0.claim.number)\($0.numbers)" }.joined().utf8))
  }

  /// Reads the finished claims of a file, of which nothing is believed that does not fit.
  ///
  /// - Parameter conditions: those that the results have to be of; without them, those that the
  ///   file names.
  package init(reading file: URL, _ conditions: Conditions? = nil) throws {
    let name = file.lastPathComponent
    let (content, wanted): (Content, Conditions)
    do {
      let data = try Data(contentsOf: file)
      // Results of earlier experiments may not even have the same names.
      let found = try JSONDecoder().decode(Head.self, from: data).conditions
      wanted = conditions ?? found.current
      guard found == wanted else {
        throw FileError(
          file: name,
          problem: .unsupported(
            "it is of other experiments: \(try JSON.text(of: found)), not "
              + (try JSON.text(of: wanted)), remedy: "give another file, or the same options"))
      }
      content = try JSONDecoder().decode(Content.self, from: data)
    } catch let error as FileError {
      throw error
    } catch let error as CocoaError {
      throw FileError(file: name, problem: .unreadable(error.localizedDescription))
    } catch {
      throw FileError(
        file: name,
        problem: .invalid(
          "it does not hold results of claims; give another file, or remove it to begin anew")
      )
    }
    self.init(wanted)
    guard content.checksum == ResultsFile.checksum(of: content.findings),
      content.findings.allSatisfy({ $0.seedCount == wanted.seeds })
    else {
      throw FileError(
        file: name,
        problem: .invalid(
          "its numbers are damaged; give another file, or remove it to begin anew"))
    }
    findings = content.findings.map(\.finding)
  }

  /// What the file says that it is of.
  private struct Head: Decodable { let conditions: Conditions }

  /// What the file says.
  private struct Content: Decodable {
    let checksum: UInt32
    var findings: [(finding: Finding, seedCount: Int)] = []

    private enum Part: String, CodingKey { case claims, checksum, seconds }

    private struct Number: CodingKey {
      let stringValue: String
      var intValue: Int? { Int(stringValue) }
      init?(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { stringValue = "\(intValue)" }
      init(_ claim: some Claim) { stringValue = "\(claim.number)" }
    }

    init(from decoder: any Decoder) throws {
      let parts = try decoder.container(keyedBy: Part.self)
      checksum = try parts.decode(UInt32.self, forKey: .checksum)
      let claims = try parts.nestedContainer(keyedBy: Number.self, forKey: .claims)
      let seconds = try parts.nestedContainer(keyedBy: Number.self, forKey: .seconds)
      for claim in allClaims where claims.contains(Number(claim)) {
        findings.append(try Content.finding(of: claim, claims, seconds))
      }
    }

    private static func finding<Tried: Claim>(
      of claim: Tried, _ claims: KeyedDecodingContainer<Number>,
      _ seconds: KeyedDecodingContainer<Number>
    ) throws -> (Finding, Int) {
      let results = try claims.decode(Tried.Results.self, forKey: Number(claim))
      let timings = try seconds.decode([Timing].self, forKey: Number(claim))
      return (try Finding(claim, results, timings), results.seedCount)
    }
  }
}

extension ResultsFile {
  fileprivate static func checksum(of findings: [(finding: Finding, seedCount: Int)]) -> UInt32 {
    checksum(of: findings.map(\.finding))
  }
}
