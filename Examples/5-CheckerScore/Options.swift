/// What the command line asks for.
struct Options {
  private(set) var wrongSeeds = 2
  private(set) var rightSeeds = 2
  private(set) var printsJSON = false
  private(set) var shownCase: String?
  private(set) var shownSeed = 7
  private(set) var kind: String?
  private(set) var showsHelp = false

  static let help = """
    Counts the wrong gradients that the checker catches, and the right ones that it calls wrong.

    USAGE: checker-score [--seeds N] [--right-seeds N] [--json] [--kind KIND] [--show NAME [--seed N]]

      --seeds N        seeds for each wrong gradient (2)
      --right-seeds N  seeds for each right one (2)
      --json           print the score as JSON
      --kind KIND      only one kind of cases, such as "hidden state"
      --show NAME      print the report on one case instead, such as "factor 2"
      --seed N         the seed of that report (7)
      --help           print this
    """

  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var rest = Array(arguments)[...]
    while let option = rest.popFirst() {
      switch option {
      case "--seeds": wrongSeeds = try Options.count(option, &rest)
      case "--right-seeds": rightSeeds = try Options.count(option, &rest)
      case "--json": printsJSON = true
      case "--show": shownCase = try Options.name(of: "a case", option, &rest)
      case "--seed": shownSeed = try Options.count(option, &rest, from: 0)
      case "--kind": kind = try Options.name(of: "a kind", option, &rest)
      case "--help", "-h": showsHelp = true
      default: throw UsageError(description: "there is no option \(option); --help lists them")
      }
    }
  }

  private static func name(
    of what: String, _ option: String, _ rest: inout ArraySlice<String>
  ) throws(UsageError) -> String {
    guard let name = rest.popFirst() else {
      throw UsageError(description: "\(option) needs the name of \(what); the score lists them")
    }
    return name
  }

  private static func count(
    _ option: String, _ rest: inout ArraySlice<String>, from least: Int = 1
  ) throws(UsageError) -> Int {
    guard let text = rest.popFirst(), let count = Int(text), (least...100_000).contains(count)
    else {
      throw UsageError(description: "\(option) needs a number from \(least) to 100000")
    }
    return count
  }
}

/// A wrong command line.
struct UsageError: Error, CustomStringConvertible {
  let description: String
}
