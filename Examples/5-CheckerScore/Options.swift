/// What the command line asks for.
struct Options {
  private(set) var wrongSeeds = 5
  private(set) var rightSeeds = 10
  private(set) var printsJSON = false
  private(set) var shownCase: String?
  private(set) var showsHelp = false

  static let help = """
    Counts the wrong gradients that the checker catches, and the right ones that it calls wrong.

    USAGE: checker-score [--seeds N] [--right-seeds N] [--json] [--show NAME]

      --seeds N        seeds for each wrong gradient (5)
      --right-seeds N  seeds for each right one (10)
      --json           print the score as JSON
      --show NAME      print the report on one case instead, such as "factor 2"
      --help           print this
    """

  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var rest = Array(arguments)[...]
    while let option = rest.popFirst() {
      switch option {
      case "--seeds": wrongSeeds = try Options.count(option, &rest)
      case "--right-seeds": rightSeeds = try Options.count(option, &rest)
      case "--json": printsJSON = true
      case "--show":
        guard let name = rest.popFirst() else {
          throw UsageError(description: "--show needs the name of a case; the score lists them")
        }
        shownCase = name
      case "--help", "-h": showsHelp = true
      default: throw UsageError(description: "there is no option \(option); --help lists them")
      }
    }
  }

  private static func count(
    _ option: String, _ rest: inout ArraySlice<String>
  ) throws(UsageError) -> Int {
    guard let text = rest.popFirst(), let count = Int(text), (1...100_000).contains(count) else {
      throw UsageError(description: "\(option) needs a number from 1 to 100000")
    }
    return count
  }
}

/// A wrong command line.
struct UsageError: Error, CustomStringConvertible {
  let description: String
}
