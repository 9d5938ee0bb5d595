/// What the command line says.
struct Options {
  static let help = """
    usage: conformance DIR [--only NAME] [--json]

    Runs the cases of DIR, a folder with the sets onnx, oracle and optim or one of these, in float64 and
    in float32. Prints each failure with its error and its mark, then how many passed.

      --only NAME   only cases whose name contains NAME, or whose operator it is
      --json        print what came of each case as JSON
    """

  var folder = ""
  var only: String?
  var printsJSON = false
  var showsHelp = false
  /// For the command itself: the number of the first case to run, each with a line of JSON.
  var first: Int?

  enum Problem: Error, CustomStringConvertible {
    case unknown(String)
    case valueMissing(String)
    case folderMissing

    var description: String {
      switch self {
      case .unknown(let option): "there is no option \(option); --help lists them"
      case .valueMissing(let option): "\(option) needs a value"
      case .folderMissing: "there is no folder to run; give one with cases"
      }
    }
  }

  init(_ arguments: some Sequence<String>) throws {
    var rest = arguments.makeIterator()
    func value(of option: String) throws -> String {
      guard let value = rest.next() else { throw Problem.valueMissing(option) }
      return value
    }
    while let argument = rest.next() {
      switch argument {
      case "--only": only = try value(of: argument)
      case "--json": printsJSON = true
      case "--help", "-h": showsHelp = true
      case "--from": first = Int(try value(of: argument))
      case _ where folder.isEmpty && !argument.hasPrefix("-"): folder = argument
      default: throw Problem.unknown(argument)
      }
    }
    if folder.isEmpty, !showsHelp { throw Problem.folderMissing }
  }
}
