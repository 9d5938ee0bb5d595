import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The command line of an example: options with values, and flags.
///
/// What is wrong with it ends the program with a message and code 64, EX_USAGE.
public struct Arguments {
  private let program: String
  private var values: [String: String] = [:]
  private var flags: Set<String> = []

  /// Reads the command line; prints the help and ends where it is asked for.
  ///
  /// - Parameters:
  ///   - help: what `--help` prints.
  ///   - options: the names of the options that have a value, such as `--epochs`.
  ///   - flags: the names of those that have none.
  public init(_ program: String, help: String, options: Set<String>, flags: Set<String> = []) {
    self.program = program
    var rest = CommandLine.arguments.dropFirst()
    while let name = rest.popFirst() {
      if name == "--help" || name == "-h" {
        print(help)
        guard fflush(nil) == 0 else { fail("cannot write what it has to say", EX_IOERR) }
        exit(0)
      }
      if flags.contains(name) {
        self.flags.insert(name)
      } else if !options.contains(name) {
        fail("there is no option \(name); --help lists them")
      } else if let value = rest.popFirst() {
        values[name] = value
      } else {
        fail("\(name) needs a value; --help shows how")
      }
    }
  }

  /// The text of an option; nil if it is not given.
  public func text(_ name: String) -> String? { values[name] }

  /// Whether a flag is given.
  public func has(_ flag: String) -> Bool { flags.contains(flag) }

  /// The number of an option, within a range.
  public func number<Number: LosslessStringConvertible & Comparable>(
    _ name: String, _ otherwise: Number, in range: ClosedRange<Number>
  ) -> Number {
    guard let text = values[name] else { return otherwise }
    guard let number = Number(text), range.contains(number) else {
      fail("\(name) got \(text); give a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// Says what went wrong, and ends with one of the codes of sysexits.h.
  public func fail(_ problem: Any, _ code: Int32 = EX_USAGE) -> Never {
    FileHandle.standardError.write(Data("\(program): \(problem)\n".utf8))
    exit(code)
  }
}
