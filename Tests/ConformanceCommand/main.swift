// Holds this package's results against those of other systems.
//
//     swift run -c release conformance DIR [--only NAME] [--json]
//
// The formats of the sets are those of `Tests/AdjointFixtures/Data`, whose README describes them.

import AdjointConformance
import Foundation

func complain(_ problem: some CustomStringConvertible) {
  FileHandle.standardError.write(Data("conformance: \(problem)\n".utf8))
}

let options: Options
do { options = try Options(CommandLine.arguments.dropFirst()) } catch {
  complain("\(error)")
  exit(64)  // EX_USAGE
}
if options.showsHelp {
  print(Options.help)
  exit(0)
}

let cases: [ConformanceCase]
do {
  cases = try ConformanceCase.load(URL(filePath: options.folder)).filter { item in
    options.only.map { item.description.contains($0) || item.operation == $0 } ?? true
  }
} catch {
  complain("\(options.folder): \(error.localizedDescription)")
  exit(66)  // EX_NOINPUT
}
guard !cases.isEmpty else {
  complain("there is no case \(options.only ?? "in \(options.folder)")")
  exit(64)  // EX_USAGE
}

let outcomes: [Outcome]
do {
  if let first = options.first {
    try Worker.run(cases[first...])
    exit(0)
  }
  outcomes = try Worker.outcomes(of: cases)
} catch {
  complain("the cases cannot be run: \(error)")
  exit(71)  // EX_OSERR
}
let report = Report(Array(zip(cases, outcomes)))
if options.printsJSON {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  encoder.nonConformingFloatEncodingStrategy = .nonNumbers
  print(String(decoding: try encoder.encode(report), as: UTF8.self))
} else {
  print(report)
}
guard fflush(nil) == 0 else {
  complain("cannot write what it has to say")
  exit(74)  // EX_IOERR
}
exit(report.failed == 0 ? 0 : 1)
