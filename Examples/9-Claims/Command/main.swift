// What this teaches: what batch norm does, and how to find out such a thing.
//
//     swift run -c release claims --only 3,9
//
// Tries the claims that articles make about batch norm, each by an experiment of many small
// trainings. Read one of the files in `Claims`: what is compared, how it is measured, and the rule
// of the verdict.

import AdjointData
import ClaimExperiments
import ExampleSupport
import Foundation

let arguments = Arguments(
  "claims",
  help: """
    Tries the claims that articles make about batch norm.

    USAGE: claims [--only N,N,…] [--seeds N] [--quick] [--full] [--fashion FOLDER]
                  [--json FILE [--resume]] [--page FILE]

      --only N,N,…      these claims, by their numbers; without it, all
      --seeds N         how many times each side is trained, 1 to 1000 (10, or 3 with --quick)
      --quick           tiny budgets: all claims in less than a minute
      --full            all claims, at least 10 seeds, and the page of this package's documentation
      --fashion FOLDER  on images of Fashion-MNIST, from its files; several times as long
      --json FILE       write the results of each finished claim there
      --resume          go on from what is there
      --page FILE       write the page of all results there, and its plots beside it
      --list            print the claims, and end
    """, options: ["--only", "--seeds", "--fashion", "--json", "--page"],
  flags: ["--quick", "--full", "--resume", "--list"])

if arguments.has("--list") {
  for claim in allClaims { print("\(claim.number)\t\(claim.sentence)") }
  exit(0)
}
let (isQuick, isFull) = (arguments.has("--quick"), arguments.has("--full"))
if isQuick, isFull { arguments.fail("--quick and --full exclude each other; give one of them") }
if arguments.has("--resume"), arguments.text("--json") == nil {
  arguments.fail("--resume goes with --json; --help shows how")
}
let seedCount = arguments.number("--seeds", isQuick ? 3 : 10, in: 1...1000)
if isFull, seedCount < 10 || arguments.text("--only") != nil {
  arguments.fail("--full is of all claims and 10 seeds or more; leave out --only and --seeds")
}
let claims = chosenClaims(arguments)
let page = arguments.text("--page") ?? (isFull ? "Docs/Adjoint.docc/Claims.md" : nil)
if let page, !isFolder(URL(filePath: page).deletingLastPathComponent()) {
  arguments.fail(
    "there is no folder for \(page); run in the root of the package, or give --page", EX_CANTCREAT)
}

let data: ImageData
do {
  data = try arguments.text("--fashion").map { try .fashion(URL(filePath: $0)) } ?? .digits()
} catch {
  arguments.fail(error, EX_NOINPUT)
}

let progress = Progress(claims)
let setting = Setting(
  isQuick: isQuick, seedCount: seedCount, data: data, progress: { progress.finishTraining() })
let file = arguments.text("--json").map { URL(filePath: $0) }
var results = ResultsFile(Conditions(setting))
do {
  if arguments.has("--resume"), let file, FileManager.default.fileExists(atPath: file.path) {
    results = try ResultsFile(reading: file, Conditions(setting))
  }
} catch {
  arguments.fail(error, EX_DATAERR)
}
do {
  for claim in claims {
    let known = results.finding(of: claim)
    progress.begin(claim, isKnown: known != nil)
    let finding = try known ?? .measuring(claim, setting)
    if known == nil {
      results.add(finding)
      if let file { try results.write(to: file) }
    }
    progress.finish(claim)
    print("\(claim.number). \(claim.name): \(finding.verdict)\n   \(finding.figure)")
    fflush(nil)  // Each at once, into a pipe too.
  }
  if let file { try results.write(to: file) }
  if let page { try Page(results).write(to: URL(filePath: page)) }
} catch {
  arguments.fail(error, EX_CANTCREAT)
}
guard fflush(nil) == 0 else { arguments.fail("cannot write what it has to say", EX_IOERR) }

/// The claims that the command line asks for.
func chosenClaims(_ arguments: Arguments) -> [any Claim] {
  guard let text = arguments.text("--only") else { return allClaims }
  let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
    guard let number = Int(part), (1...allClaims.count).contains(number) else {
      arguments.fail(
        "--only got \(text); give numbers from 1 to \(allClaims.count), with commas between them")
    }
    return number
  }
  return allClaims.filter { numbers.contains($0.number) }
}

func isFolder(_ url: URL) -> Bool {
  var isFolder: ObjCBool = false
  return unsafe FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    && isFolder.boolValue
}
