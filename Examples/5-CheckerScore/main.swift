// What this teaches: what the gradient checker sees, and what it does not mistake.
//
//     swift run -c release checker-score
//
// Runs a library of wrong gradients, of which every one has to be caught, and of right ones at hard
// points, of which none may be called wrong. `--json` prints the same for programs.

import Adjoint
import AdjointCheck
import Foundation
import WrongGradients

let options: Options
do { options = try Options(CommandLine.arguments.dropFirst()) } catch {
  FileHandle.standardError.write(Data("checker-score: \(error)\n".utf8))
  exit(64)  // EX_USAGE
}
if options.showsHelp {
  print(Options.help)
  exit(0)
}

if let name = options.shownCase {
  guard let shown = (GradientCase.wrong + GradientCase.right).first(where: { $0.name == name })
  else {
    FileHandle.standardError.write(Data("checker-score: there is no case \(name)\n".utf8))
    exit(64)  // EX_USAGE
  }
  print(shown.check(UInt64(options.shownSeed)))
  exit(0)
}

if let kind = options.kind, !(CaseKind.wrong + CaseKind.right).contains(where: { $0.name == kind })
{
  FileHandle.standardError.write(Data("checker-score: there is no kind \(kind)\n".utf8))
  exit(64)  // EX_USAGE
}

let score = Score(options)
if options.printsJSON {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  print(String(decoding: try encoder.encode(score), as: UTF8.self))
} else {
  print(score)
}
guard fflush(nil) == 0 else {
  FileHandle.standardError.write(Data("checker-score: cannot write what it has to say\n".utf8))
  exit(74)  // EX_IOERR
}
exit(score.isPerfect ? 0 : 1)
