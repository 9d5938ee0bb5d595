import Adjoint

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What was asked for on the command line.
struct Options {
  private(set) var work: [String] = []
  private(set) var seconds = 5.0
  private(set) var threadCount = threads
  private(set) var isJSON = false
  private(set) var isCold = false

  static let usage = """
    bench: times the workloads of the benchmark.

      --work A,B,…     which ones; all unless said otherwise. S, T and U are sets, S:exp is one of S
      --threads N      how many threads; as many as there are processors unless said otherwise
      --seconds S      how long to measure each, 5 unless said otherwise
      --json           one line of JSON for each, in place of a table
      --cold           only the first step of each, for the time of a start

    Workloads:
    """ + Workload.all.map { " " + $0.name }.joined()

  init(_ arguments: [String]) {
    var rest = arguments[...]
    func value(of option: String) -> String {
      guard let value = rest.popFirst() else { fail("\(option) needs a value") }
      return value
    }
    while let option = rest.popFirst() {
      switch option {
      case "--work": work = value(of: option).split(separator: ",").map(String.init)
      case "--threads":
        guard let count = Int(value(of: option)), count >= 1 else {
          fail("--threads needs a number from 1 up")
        }
        threadCount = count
      case "--seconds":
        guard let length = Double(value(of: option)), length > 0, length <= 86_400 else {
          fail("--seconds needs a positive number, of at most a day: 86400")
        }
        seconds = length
      case "--json": isJSON = true
      case "--cold": isCold = true
      case "--help":
        print(Options.usage)
        exit(0)
      default: fail("there is no option \(option)")
      }
    }
    for name in work where Workload.names(name).isEmpty { fail("there is no workload \(name)") }
    work = work.isEmpty ? Workload.all.map(\.name) : work.flatMap(Workload.names)
  }
}

/// Writes out what was printed, and ends the program with exit code 74 if that cannot be done.
func finishOutput() {
  guard fflush(nil) == 0 else {
    var text = "bench: cannot write what it has to say\n"
    _ = text.withUTF8 { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    exit(74)
  }
}

/// Ends the program with a message and exit code 64, the usual one for wrong usage.
func fail(_ message: String) -> Never {
  var text = "bench: \(message)\n\(Options.usage)\n"
  _ = text.withUTF8 { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  exit(64)
}
