/// What a pullback works with: the values of one call, the cotangents of its outputs, and the
/// places for those of its inputs.
///
/// Read what the rule needs into constants first, in the letters of its formula, then give one
/// expression per input. An expression is evaluated only if the gradient of that input is wanted:
///
/// ```swift
/// func pullback(_ rule: inout Pullback) {
///   let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
///   rule.set(0, to: g.scaled(by: b))
///   rule.set(1, to: g.scaled(by: a))
/// }
/// ```
///
/// The rule may record, not look: it runs before the values are computed, and one that reads an element
/// stops the program.
public struct Pullback {
  /// The tape that the rule's operations are recorded on.
  private let tape: Tape
  private let entry: Graph.Entry
  private let section: GraphSection
  /// The cotangents of all values, as far as the walk has come.
  private(set) var cotangents: Cotangents
  /// What the rule has set, each input once.
  private var results: [(input: Int, cotangent: Tensor)] = []
  /// The last input that was set, of all.
  private var lastInput = -1
  /// What is wrong with a cotangent that was set; nil if all are as they should be.
  private(set) var problem: String?

  /// A rule for an entry of a section of the graph of `tape`.
  init(of entry: Graph.Entry, on tape: Tape, _ section: GraphSection, _ cotangents: Cotangents) {
    self.tape = tape
    self.entry = entry
    self.section = section
    self.cotangents = cotangents
  }

  private var operation: any Operation { entry.operation }

  /// The number of an input on the tape.
  private func value(ofInput number: Int) -> Int {
    require(
      (0..<inputCount).contains(number),
      "\(operation.name): the pullback asks for input \(number) of \(inputCount)")
    return entry.inputs[number]
  }

  /// The number of an output on the tape.
  private func value(ofOutput number: Int) -> Int {
    require(
      (0..<outputCount).contains(number),
      "\(operation.name): the pullback asks for output \(number) of \(outputCount)")
    return entry.outputs.lowerBound + number
  }

  /// The tensor under a number; NaN if the rule has not declared to read it.
  private func tensor(_ number: Int, isDeclared: Bool) -> Tensor {
    let type = section.type(of: number)
    return isDeclared ? Tensor(type, .recorded(tape, number: number)) : .poison(type)
  }

  /// The number of inputs.
  public var inputCount: Int { entry.inputs.count }

  /// The number of outputs.
  public var outputCount: Int { entry.outputs.count }

  /// The type of an input, which may be read without being declared.
  public func inputType(_ number: Int) -> TensorType {
    section.type(of: value(ofInput: number))
  }

  /// The value of an input; NaN if ``Operation/reads`` does not declare it.
  public func input(_ number: Int) -> Tensor {
    tensor(value(ofInput: number), isDeclared: operation.reads.includes(input: number))
  }

  /// The value of an output; NaN if ``Operation/reads`` does not declare it.
  public func output(_ number: Int = 0) -> Tensor {
    tensor(value(ofOutput: number), isDeclared: operation.reads.includes(output: number))
  }

  /// The cotangent of output 0, which has its type.
  public var cotangent: Tensor { cotangent(0) }

  /// The cotangent of an output, which has its type; zeros if the output has none.
  public func cotangent(_ number: Int) -> Tensor {
    let value = value(ofOutput: number)
    if let cotangent = cotangents[value] { return cotangent }
    let type = section.type(of: value)
    return .zeros(type.shape, dtype: type.dtype)
  }

  /// Whether an output has a cotangent: whether what is differentiated depends on it.
  public func hasCotangent(_ number: Int) -> Bool { cotangents[value(ofOutput: number)] != nil }

  /// Whether the gradient of an input is wanted.
  public func wants(_ number: Int) -> Bool { cotangents.isWanted(value(ofInput: number)) }

  /// Sets the cotangent of an input, if it is wanted; of several, the last one counts.
  /// - Precondition: it has the type of the input.
  public mutating func set(_ number: Int, to cotangent: @autoclosure () -> Tensor) {
    guard wants(number) else { return }
    let result = cotangent()
    let type = inputType(number)
    guard result.type == type else {
      problem =
        "\(operation.name): the pullback gives input \(number), \(type), "
        + "a cotangent \(result.type); sum or reshape it to the type of the input"
      return
    }
    // In the order of the inputs, as rules set them, nothing has to be looked for.
    if number <= lastInput, let place = results.firstIndex(where: { $0.input == number }) {
      results[place].cotangent = result
    } else {
      lastInput = max(lastInput, number)
      results.append((number, result))
    }
  }

  /// Adds what the rule has set to the cotangents.
  mutating func finish() {
    let tape = tape
    for result in results {
      let input = entry.inputs[result.input]
      cotangents.add(
        result.cotangent, to: input,
        later: tape.operation(making: result.cotangent) is any SummableOperation)
    }
  }

  /// Sets the cotangents that are wanted and have not been set to what a function's own pullback gives:
  /// the function is recorded and differentiated.
  mutating func setRest(byDifferentiating function: ([Tensor]) -> [Tensor]) {
    let done = Set(results.map(\.input))
    let places = (0..<inputCount).filter { wants($0) && !done.contains($0) }
    let inputs = entry.inputs.map {
      tape.alias(of: Tensor(section.type(of: $0), .recorded(tape, number: $0)))
    }
    let outputs = function(inputs)
    let gradients = tape.cotangents(
      of: places.map { inputs[$0] }, from: outputs.map(tape.constant),
      seeds: entry.outputs.map { cotangents[$0] })
    for (place, gradient) in zip(places, gradients) { set(place, to: gradient) }
  }
}

extension Tensor {
  /// What a rule gets for a value that it has not declared to read.
  fileprivate static func poison(_ type: TensorType) -> Tensor {
    switch type.dtype {
    case .float32, .float64: .full(type.shape, .nan, dtype: type.dtype)
    case .int32: .full(type.shape, Double(Int32.poison), dtype: .int32)
    case .bool: .full(type.shape, 0, dtype: .bool)
    }
  }
}
