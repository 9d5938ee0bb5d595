/// What the command line asks for.
struct Options {
  private(set) var epochs = 30
  private(set) var seed: UInt64 = 1
  private(set) var batchSize = 32
  private(set) var learningRate = 0.05
  private(set) var plots = true
  private(set) var showsHelp = false

  static let help = """
    Trains a classifier of handwritten digits with and without batch norm.

    USAGE: digits [--epochs N] [--seed N] [--batch-size N] [--learning-rate X] [--no-plot]

      --epochs N         passes over the training images, 1 to 10000 (30)
      --seed N           seed of the split, the starting weights and the batches (1)
      --batch-size N     images in a batch, 2 or more (32)
      --learning-rate X  factor of the first steps, above 0 (0.05)
      --no-plot          do not write digits.svg, the training curves
      --help             print this
    """

  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var rest = Array(arguments)[...]
    while let option = rest.popFirst() {
      switch option {
      case "--epochs": epochs = try Options.number(option, &rest, 1...10_000)
      case "--seed": seed = try Options.number(option, &rest, 0...UInt64.max)
      case "--batch-size": batchSize = try Options.number(option, &rest, 2...1_000_000)
      case "--learning-rate":
        let smallest = Double.leastNonzeroMagnitude
        learningRate = try Options.number(option, &rest, smallest...1e6)
      case "--no-plot": plots = false
      case "--help", "-h": showsHelp = true
      default: throw .unknown(option)
      }
    }
  }

  private static func number<Number: LosslessStringConvertible & Comparable>(
    _ option: String, _ rest: inout ArraySlice<String>, _ range: ClosedRange<Number>
  ) throws(UsageError) -> Number {
    guard let text = rest.popFirst() else { throw .missingValue(option) }
    guard let number = Number(text), range.contains(number) else {
      throw .outOfRange(option, text, "\(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}

/// A wrong command line.
enum UsageError: Error, CustomStringConvertible {
  case unknown(String)
  case missingValue(String)
  case outOfRange(String, String, String)

  var description: String {
    switch self {
    case .unknown(let option): "there is no option \(option); --help lists them"
    case .missingValue(let option): "\(option) needs a number; --help shows how"
    case .outOfRange(let option, let text, let range):
      "\(option) got \(text); give a number from \(range)"
    }
  }
}
