import Adjoint

/// What a gradient check looks at, how long, and what it is to find.
///
/// ```swift
/// checkGradients(
///   of: model, at: images, .training,
///   options: CheckOptions(inputs: ["stem", "head.weight"], budget: 60))
/// ```
public struct CheckOptions: Sendable {
  /// The names of the inputs, or paths of the parameters, whose gradients are checked; the name of a layer
  /// stands for all that it has. All, unless given.
  public var inputs: [String]?
  /// How many seconds the finite differences may take. What there is no time for is said in the report: at
  /// least one direction of each input is always compared.
  public var budget: Double
  /// Inputs with no more elements than this are checked in each element.
  public var exhaustiveCount: Int
  /// How many random directions a larger input is checked along.
  public var directions: Int
  /// How many elements of a larger input are checked, spread over it.
  public var elements: Int
  /// How many points are checked: the given one, and others beside it, whose elements are multiplied by
  /// random numbers near 1.
  public var points: Int
  /// Whether the parameters of a model that are all one number, such as a bias of zeros, are moved to random
  /// values: a mistake does not show where it is multiplied by 0, or by 1.
  public var movesParameters: Bool
  /// What is known about some inputs.
  public var expectations: [Expectation]
  /// Whether progress is shown on the standard error stream; where that is a terminal, unless given.
  public var showsProgress: Bool?

  /// Makes options; each has the value that suits most functions unless given.
  ///
  /// - Precondition: the budget is positive, counts are at least 1, and so is the number of directions and
  ///   elements together.
  public init(
    inputs: [String]? = nil, budget: Double = 10, exhaustiveCount: Int = 512, directions: Int = 8,
    elements: Int = 64, points: Int = 1, movesParameters: Bool = true,
    expectations: [Expectation] = [], showsProgress: Bool? = nil
  ) {
    self.inputs = inputs
    self.budget = budget
    self.exhaustiveCount = exhaustiveCount
    self.directions = directions
    self.elements = elements
    self.points = points
    self.movesParameters = movesParameters
    self.expectations = expectations
    self.showsProgress = showsProgress
  }
}

/// What is known about the gradient of an input, and need not be found.
///
/// The name is that of the input or the path of the parameter; the name of a layer stands for all that it has.
public enum Expectation: Sendable {
  /// Its gradient is stopped or replaced on purpose, as a straight-through estimator does: it is not compared,
  /// but with that of the function in which all that `stoppingGradient()` stops is held constant.
  case stopped(String)
  /// No change of it changes the result: the gradient has to be 0 up to rounding.
  case invariant(String)
  /// The point is on a kink or a jump of it on purpose: elements without a derivative are left out.
  case kink(String)
  /// The gradient is an approximation, right up to a relative error.
  case tolerance(String, Double)

  fileprivate var name: String {
    switch self {
    case .stopped(let name), .invariant(let name), .kink(let name), .tolerance(let name, _): name
    }
  }
}

extension [String] {
  /// The first text that was there before.
  fileprivate var firstRepeated: String? {
    var known = Set<String>()
    return first { !known.insert($0).inserted }
  }
}

extension CheckOptions {
  /// Stops at options that ask for nothing, name an input that there is not, or say two things of one.
  func validate(_ names: [String]) {
    if let place = names.firstIndex(of: "") {
      stop(
        "checkGradients: the name of input \(place) is empty; give it one for the report, or leave the names out"
      )
    }
    if let name = names.firstRepeated {
      stop(
        "checkGradients: two inputs are called \(name); give each a name of its own, where those of a model's "
          + "parameters are their paths")
    }
    if let name = expectations.map(\.name).firstRepeated {
      stop("checkGradients: there are two expectations of \(name); give one")
    }
    require(budget > 0, "checkGradients: the budget is \(budget) seconds; give a positive number")
    require(
      exhaustiveCount >= 0,
      "checkGradients: the exhaustive count is \(exhaustiveCount); give 0 or more")
    let most = 1 << 20
    require(
      (0...most).contains(directions) && (0...most).contains(elements),
      "checkGradients: \(directions) directions and \(elements) elements; give 0 to \(most) of each"
    )
    require(
      directions + elements > 0,
      "checkGradients: neither directions nor elements are asked for; give at least one of them")
    require(points >= 1, "checkGradients: the number of points is \(points); give 1 or more")
    require(
      inputs?.isEmpty != true,
      "checkGradients: inputs is [], so that nothing is checked; give names, or nil for all inputs")
    for case .tolerance(let name, let error) in expectations {
      require(
        error > 0 && error < 1,
        "checkGradients: the tolerance of \(name) is \(error); give a relative error between 0 and 1"
      )
    }
    for name in (inputs ?? []) + expectations.map(\.name)
    where !names.contains(where: { CheckOptions.isPart($0, of: name) }) {
      stop("checkGradients: there is no input \(name); there are \(names.joined(separator: ", "))")
    }
  }

  /// Whether the gradient of an input is checked.
  func includes(_ name: String) -> Bool {
    inputs?.contains { CheckOptions.isPart(name, of: $0) } ?? true
  }

  /// What is known about an input: what its own name says counts before what a layer's does.
  func expectation(of name: String) -> Expectation? {
    expectations.filter { CheckOptions.isPart(name, of: $0.name) }
      .max { $0.name.count < $1.name.count }
  }

  /// Whether the gradient of an input is checked, and nothing is known of it that the others' is not.
  func isPlain(_ name: String) -> Bool { includes(name) && expectation(of: name) == nil }

  private static func isPart(_ name: String, of whole: String) -> Bool {
    name == whole || name.hasPrefix(whole + ".")
  }
}
