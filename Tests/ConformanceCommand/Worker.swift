import AdjointConformance
import Foundation

/// A process of its own that runs cases: one that stops the program ends it, and not the command.
enum Worker {
  /// Runs cases, and writes what comes of each as a line of JSON.
  static func run(_ cases: ArraySlice<ConformanceCase>) throws {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .nonNumbers
    for item in cases {
      try FileHandle.standardOutput.write(contentsOf: encoder.encode(item.run()) + Data("\n".utf8))
    }
  }

  /// What comes of cases: a worker runs them, and another those behind one that has stopped it.
  static func outcomes(of cases: [ConformanceCase]) throws -> [Outcome] {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .nonNumbers
    var outcomes: [Outcome] = []
    while outcomes.count < cases.count {
      let (output, message) = try start(from: outcomes.count)
      outcomes += try output.split(separator: UInt8(ascii: "\n"))
        .map { try decoder.decode(Outcome.self, from: Data($0)) }
      if outcomes.count < cases.count {
        outcomes.append(
          .failed([Failure(array: "stopped: \(message)", error: .infinity, mark: 0)]))
      }
    }
    return outcomes
  }

  /// Runs a worker to its end: what it has written, and the last that it has complained of.
  private static func start(from first: Int) throws -> (output: Data, message: String) {
    let process = Process()
    process.executableURL = Bundle.main.executableURL
    process.arguments = Array(CommandLine.arguments.dropFirst()) + ["--from", "\(first)"]
    let output = Pipe()
    let errors = FileManager.default.temporaryDirectory
      .appendingPathComponent("conformance-\(ProcessInfo.processInfo.processIdentifier)")
    try Data().write(to: errors)
    defer { try? FileManager.default.removeItem(at: errors) }
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let written = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let complaints = try String(contentsOf: errors, encoding: .utf8)
    let message = complaints.split(separator: "\n").first { $0.contains("error:") }
    return (written, message.map(String.init) ?? "exit status \(process.terminationStatus)")
  }
}

extension JSONEncoder.NonConformingFloatEncodingStrategy {
  static let nonNumbers = convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
}

extension JSONDecoder.NonConformingFloatDecodingStrategy {
  static let nonNumbers = convertFromString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
}
