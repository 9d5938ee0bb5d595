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
                  [--json FILE] [--resume] [--page FILE]
           claims --render FILE --page FILE

      --only N,N,…      these claims, by their numbers; without it, all
      --seeds N         how many times each side is trained, 1 to 1000 (10, or 3 with --quick)
      --quick           tiny budgets: all claims in less than a minute
      --full            all claims, at least 10 seeds, and the page of this package's documentation
                        with its numbers
      --fashion FOLDER  on images of Fashion-MNIST, from its files; several times as long
      --json FILE       write the results of each finished claim there
      --resume          go on from what is there
      --page FILE       write the page of all results there, and its plots beside it
      --render FILE     try nothing: write the page of the results that are there
      --list            print the claims, and end
    """, options: ["--only", "--seeds", "--fashion", "--json", "--page", "--render"],
  flags: ["--quick", "--full", "--resume", "--list"])

if arguments.has("--list") {
  for claim in allClaims { say("\(claim.number)\t\(claim.sentence)") }
  exit(0)
}
let (isQuick, isFull) = (arguments.has("--quick"), arguments.has("--full"))
if isQuick, isFull { arguments.fail("--quick and --full exclude each other; give one of them") }
if let source = arguments.text("--render") {
  render(URL(filePath: source))
  exit(0)
}
let seedCount = arguments.number("--seeds", isQuick ? 3 : 10, in: 1...1000)
if isFull, seedCount < 10 || arguments.text("--only") != nil {
  arguments.fail("--full is of all claims and 10 seeds or more; leave out --only and --seeds")
}
let claims = chosenClaims(arguments)
let data: ImageData
do {
  data = try arguments.text("--fashion").map { try .fashion(URL(filePath: $0)) } ?? .digits()
} catch {
  arguments.fail(error, EX_NOINPUT)
}
let progress = Progress(claims)
let setting = Setting(
  isQuick: isQuick, seedCount: seedCount, data: data, progress: { progress.finishTraining() })
let conditions = Conditions(setting)
let page = place("--page", isFull ? "Docs/Adjoint.docc/Claims.md" : nil)
let file = place("--json", isFull ? ResultsFile.path(conditions) : nil)
if arguments.has("--resume"), file == nil {
  arguments.fail("--resume goes with --json; --help shows how")
}

var results = ResultsFile(conditions)
do {
  if arguments.has("--resume"), let file, FileManager.default.fileExists(atPath: file.path) {
    results = try ResultsFile(reading: file, conditions)
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
    say(finding)
  }
  if let file { try results.write(to: file) }
  if let page { try Page(results).write(to: page) }
} catch {
  arguments.fail(error, EX_CANTCREAT)
}

/// Prints a line, at once, into a pipe too.
@MainActor
func say(_ line: String) {
  print(line)
  guard fflush(nil) == 0 else { arguments.fail("cannot write what it has to say", EX_IOERR) }
}

/// Prints what came of a claim.
@MainActor
func say(_ finding: Finding) {
  let claim = finding.claim
  say("\(claim.number). \(claim.name): \(finding.verdict)\n   \(finding.figure)")
}

/// Writes the page of results that are known.
@MainActor
func render(_ source: URL) {
  let others = ["--only", "--seeds", "--fashion", "--json"].filter { arguments.text($0) != nil }
  guard others.isEmpty, !isQuick, !isFull, !arguments.has("--resume"), let page = place("--page")
  else {
    arguments.fail("--render goes with --page, and with nothing else; --help shows how")
  }
  do {
    let results = try ResultsFile(reading: source)
    for finding in results.findings { say(finding) }
    do {
      try Page(results).write(to: page)
    } catch {
      arguments.fail(error, EX_CANTCREAT)
    }
  } catch {
    arguments.fail(error, EX_DATAERR)
  }
}

/// The file of an option, or the one that stands in for it, in a folder that is there.
@MainActor
func place(_ option: String, _ otherwise: String? = nil) -> URL? {
  guard let path = arguments.text(option) ?? otherwise else { return nil }
  let url = URL(filePath: path)
  guard isFolder(url.deletingLastPathComponent()) else {
    let remedy =
      arguments.text(option) == nil ? "run in the root of the package, or" : "make it, or"
    arguments.fail("there is no folder for \(path); \(remedy) give another \(option)", EX_CANTCREAT)
  }
  if isFolder(url) {
    arguments.fail("\(path) is a folder; give \(option) a file in it", EX_CANTCREAT)
  }
  return url
}

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
