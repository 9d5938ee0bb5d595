/// What the command line asks for.
struct Options {
  private(set) var epochs = 30
  private(set) var seed: UInt64 = 1
  private(set) var batchSize = 32
  private(set) var learningRate = 0.05
  private(set) var plots = true
  private(set) var checks = true
  private(set) var checkpoint: String?
  private(set) var stepsBetweenCheckpoints = 50
  private(set) var resumes = false
  private(set) var showsHelp = false

  static let help = """
    Trains a classifier of handwritten digits with and without batch norm.

    USAGE: digits [--epochs N] [--seed N] [--batch-size N] [--learning-rate X] [--no-plot] [--no-check]
                  [--checkpoint FOLDER [--every N] [--resume]]

      --epochs N         passes over the training images, 1 to 10000 (30)
      --seed N           seed of the split, the starting weights and the batches (1)
      --batch-size N     images in a batch, 2 or more (32)
      --learning-rate X  factor of the first steps, above 0 (0.05)
      --no-plot          do not write digits.svg, the training curves
      --no-check         do not check the gradients of the trained model
      --checkpoint FOLDER
                         save both trainings there, to go on if this one is stopped
      --every N          steps from one checkpoint to the next, besides each epoch's end (50)
      --resume           go on from the checkpoints in the folder, bit for bit
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
      case "--no-check": checks = false
      case "--checkpoint":
        guard let folder = rest.popFirst() else { throw .missingValue(option) }
        checkpoint = folder
      case "--every": stepsBetweenCheckpoints = try Options.number(option, &rest, 1...1_000_000)
      case "--resume": resumes = true
      case "--help", "-h": showsHelp = true
      default: throw .unknown(option)
      }
    }
    if resumes, checkpoint == nil { throw .needs("--resume", "--checkpoint") }
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

/// A wrong command line, or another reason to end.
enum UsageError: Error, CustomStringConvertible {
  case unknown(String)
  case missingValue(String)
  case outOfRange(String, String, String)
  case needs(String, String)
  case interrupted(saved: Bool)
  case unprintable

  var description: String {
    switch self {
    case .unknown(let option): "there is no option \(option); --help lists them"
    case .missingValue(let option): "\(option) needs a value; --help shows how"
    case .outOfRange(let option, let text, let range):
      "\(option) got \(text); give a number from \(range)"
    case .needs(let option, let other): "\(option) goes with \(other); --help shows how"
    case .interrupted(let saved):
      "stopped" + (saved ? "; --resume goes on" : "; with --checkpoint it could go on")
    case .unprintable: "cannot write what it has to say"
    }
  }
}
